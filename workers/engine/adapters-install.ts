/** From a stranger's file to a kept adapter: read whole and checked, or refused whole. */
import { FailureError } from '#core/failure.ts';
import { MAX_ADAPTER_BYTES, readAdapter } from '#core/lora/adapter.ts';
import { type AdapterSummary, summarize } from '#core/lora/summary.ts';
import { MAX_ADAPTER_NAME } from '#core/pipeline/request.ts';
import { openSafetensors } from '#core/safetensors/safetensors.ts';
import type { AddAdapterResult } from '#engine/api.ts';
import type { AdapterStore } from '#storage/adapters.ts';
import { loadAdapter } from './adapters.ts';
import { readTables } from './new-words.ts';

/** @param fileName as the person knows it */
export async function installAdapter(
  store: AdapterStore,
  file: Blob,
  fileName: string,
): Promise<AddAdapterResult> {
  const checked = await checkAdapter(file, fileName);
  if (!checked.ok) return checked;
  const added = await store.add(checked.card, new Blob([await file.arrayBuffer()]));
  if (added.ok) return added;
  const { name, sizeBytes } = checked.card;
  return { ok: false, failure: { code: 'adapter-not-kept', adapter: name, sizeBytes, reason: added.reason } };
}

/** Reads a file whole as `installAdapter` does, and keeps nothing. */
export async function checkAdapter(file: Blob, fileName: string): Promise<AddAdapterResult> {
  const name = nameOf(fileName);
  if (await isPickle(file)) {
    return { ok: false, failure: { code: 'adapter-unsupported', adapter: name, method: 'pickle' } };
  }
  try {
    await loadAny(file, name);
  } catch (error) {
    if (error instanceof FailureError) return { ok: false, failure: error.failure };
    throw error;
  }
  const opened = await openSafetensors(file);
  const read = opened.ok ? readAdapter(opened.file) : null;
  if (!opened.ok || !read?.ok) throw new Error('The file was read once and not again.');
  const { header } = opened.file;
  const bytes = await file.arrayBuffer();
  const card = {
    sha256: await sha256Hex(bytes),
    loraHash: (await sha256Hex(bytes.slice(header.dataStart))).slice(0, 12),
    name,
    sizeBytes: file.size,
    addedAt: Date.now(),
    summary: worded(summarize(read.content, header.metadata), name),
  };
  return { ok: true, card };
}

/** By its first bytes: a zip of pickles, or a pickle. No safetensors file begins so. */
async function isPickle(file: Blob): Promise<boolean> {
  const [a, b] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return (a === 0x50 && b === 0x4b) || (a === 0x80 && b !== undefined && b >= 2 && b <= 5);
}

/** Layers, or the vectors of a word. @throws as `loadAdapter` */
async function loadAny(file: Blob, name: string): Promise<void> {
  const opened = file.size > MAX_ADAPTER_BYTES ? null : await openSafetensors(file);
  const read = opened?.ok ? readAdapter(opened.file) : null;
  if (read?.ok && read.content.kind === 'textual-inversion') await readTables(file, name);
  else await loadAdapter(file, name);
}

/** Where the file does not tell its word, its name is it, as in the field. */
function worded(summary: AdapterSummary, name: string): AdapterSummary {
  const isTold = summary.kind === 'lora' || summary.triggerWords.length > 0;
  return isTold ? summary : { ...summary, triggerWords: [name] };
}

/** What a tag of a prompt can name: without folders, ending and the characters that tags are made of. */
function nameOf(fileName: string): string {
  const last = fileName.split(/[\\/]/).at(-1)!;
  const plain = last
    .replace(/\.(safetensors|pt|bin)$/i, '')
    .replaceAll(/[<>:=,"\p{Cc}\p{Cf}]/gu, '_')
    .trim();
  return plain.slice(0, MAX_ADAPTER_NAME) || 'adapter';
}

async function sha256Hex(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
