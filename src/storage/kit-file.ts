/** Kits as one file and back: a zip of stored entries, `kit.json` first, the adapters behind it by their hashes. */
import {
  contentOffset,
  END_WINDOW_BYTES,
  findDirectory,
  LOCAL_HEADER_BYTES,
  readDirectory,
  type ZipEntry,
  type ZipResult,
} from '#core/archive/zip.ts';
import { FailureError } from '#core/failure.ts';
import type { Kit } from '#core/kits/kit.ts';
import {
  formatKitList,
  KIT_LIST,
  type KitFileEntry,
  MAX_KIT_LIST_BYTES,
  parseKitList,
  placeOf,
} from '#core/kits/kit-file.ts';

const LIMITS = { maxEntries: 10_000, maxDirectoryBytes: 4 * 2 ** 20 };

export interface KitFile {
  kits: readonly Kit[];
  /** Each a slice of the file, its hash not yet checked. */
  adapters: readonly (KitFileEntry & { file: Blob })[];
}

/** Of an archive so much is held as bytes; the rest is the browser's, which may put it on the disk. */
const HELD_BYTES = 16 * 2 ** 20;

/**
 * @param open answers null for an adapter that is not here: the kit travels without it, and says so where it arrives
 * @param onProgress 0 to 1
 * @throws the signal's reason when cancelled
 */
export async function writeKitFile(
  kits: readonly Kit[],
  open: (sha256: string) => Promise<Blob | null>,
  signal?: AbortSignal,
  onProgress?: (fraction: number) => void,
): Promise<Blob> {
  const files = new Map<string, KitFileEntry & { file: Blob }>();
  for (const { sha256, name } of kits.flatMap(({ adapters }) => adapters)) {
    const file = files.has(sha256) ? null : await open(sha256);
    if (file !== null) files.set(sha256, { sha256, name, sizeBytes: file.size, file });
  }
  const listed = [...files.values()].map(({ sha256, name, sizeBytes }) => ({ sha256, name, sizeBytes }));
  const { makeZip } = await import('client-zip');
  const stream = makeZip([
    { name: KIT_LIST, input: formatKitList({ kits, files: listed }) },
    ...[...files.values()].map((entry) => ({
      name: placeOf(entry),
      input: entry.file,
      size: entry.sizeBytes,
    })),
  ]);
  const total = listed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 1);
  const parts: Blob[] = [];
  let held: Uint8Array<ArrayBuffer>[] = [];
  let [heldBytes, written] = [0, 0];
  const reader = stream.getReader();
  for (;;) {
    signal?.throwIfAborted();
    const { done, value } = await reader.read();
    if (done) break;
    held.push(value as Uint8Array<ArrayBuffer>);
    heldBytes += value.byteLength;
    written += value.byteLength;
    onProgress?.(Math.min(1, written / total));
    if (heldBytes < HELD_BYTES) continue;
    parts.push(new Blob(held));
    [held, heldBytes] = [[], 0];
  }
  return new Blob([...parts, ...held]);
}

/**
 * Reads the lists of a file of kits; of the adapters only where they lie.
 * @throws FailureError `archive-invalid`
 */
export async function readKitFile(archive: Blob): Promise<KitFile> {
  const end = await bytesOf(archive.slice(Math.max(0, archive.size - END_WINDOW_BYTES)));
  const directory = need(findDirectory(end, archive.size, LIMITS));
  const bytes = await bytesOf(archive.slice(directory.at, directory.at + directory.sizeBytes));
  const entries = need(readDirectory(bytes, directory.at, directory.entries));
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const entry = byPath.get(KIT_LIST);
  if (entry === undefined) throw invalid(`it has no ${KIT_LIST}`);
  if (entry.sizeBytes > MAX_KIT_LIST_BYTES) throw invalid(`its ${KIT_LIST} is too long`);
  const parsed = parseKitList(await (await contentOf(archive, entry)).text());
  if (!parsed.ok) throw invalid(parsed.reason);
  const { kits, files } = parsed.list;
  const adapters = await Promise.all(
    files.map(async (file) => {
      const place = byPath.get(placeOf(file));
      if (place?.sizeBytes !== file.sizeBytes)
        throw invalid(`the adapter ${file.name} is not in it as its list says`);
      return { ...file, file: await contentOf(archive, place) };
    }),
  );
  return { kits, adapters };
}

async function contentOf(archive: Blob, { path, headerAt, sizeBytes }: ZipEntry): Promise<Blob> {
  const offset = contentOffset(await bytesOf(archive.slice(headerAt, headerAt + LOCAL_HEADER_BYTES)));
  const start = offset === null ? Number.POSITIVE_INFINITY : headerAt + offset;
  if (start + sizeBytes > archive.size) throw invalid(`"${path}" lies outside it`);
  return archive.slice(start, start + sizeBytes);
}

async function bytesOf(part: Blob): Promise<Uint8Array> {
  try {
    return new Uint8Array(await part.arrayBuffer());
  } catch {
    throw invalid('it cannot be read');
  }
}

function need<T>(result: ZipResult<T>): T {
  if (result.ok) return result.value;
  throw invalid(result.reason);
}

function invalid(reason: string): FailureError {
  return new FailureError({ code: 'archive-invalid', reason });
}
