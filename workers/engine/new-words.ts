/** The words that textual inversions bring, as far as a request says them: found, read and fitted to a model. */
import { FailureError } from '#core/failure.ts';
import { readAdapter } from '#core/lora/adapter.ts';
import type { EmbeddingTable } from '#core/lora/embedding.ts';
import { modelWords } from '#core/lora/family.ts';
import type { Component } from '#core/lora/names.ts';
import { type NewWord, newTokenId, says } from '#core/lora/new-words.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { type GenerateRequest, MAX_WORD_USES, type WordUse } from '#core/pipeline/request.ts';
import { cleanPrompt } from '#core/prompt/clean.ts';
import { extractTags } from '#core/prompt/tags.ts';
import { inMemory, openSafetensors, type SafetensorsFile } from '#core/safetensors/safetensors.ts';
import type { AdapterSource, KnownFile } from './adapters.ts';

/** What one text encoder learns. */
export interface Vocabulary {
  words: NewWord[];
  /** By the index that `NewWord`s speak of, each as wide as the encoder's table. */
  vectors: Float32Array[];
}

/** By text encoder; null where nothing new is said. */
export type Vocabularies = ReadonlyMap<Component, Vocabulary> | null;

export interface NewWords {
  vocabularies: Vocabularies;
  /** For the picture to remember. */
  uses: WordUse[];
}

export interface ReadTable extends EmbeddingTable {
  /** [vectors, width] */
  data: Float32Array;
}

/**
 * @returns what the words stand for, not yet fitted to a model
 * @throws FailureError `adapter-missing`, `adapter-invalid`
 */
export async function readNewWords(
  source: AdapterSource,
  request: Pick<GenerateRequest, 'prompt' | 'negativePrompt'>,
): Promise<NewWords> {
  // What stands in a tag names a file and is not said.
  const texts = [
    extractTags(cleanPrompt(request.prompt, 'prompt').text).text,
    extractTags(cleanPrompt(request.negativePrompt, 'negative').text).text,
  ];
  const said = (await source.list()).flatMap((file) => {
    const word = wordOf(file);
    return word !== null && texts.some((text) => says(text, word)) ? [{ file, word }] : [];
  });
  if (said.length === 0) return { vocabularies: null, uses: [] };
  const found = new Map<Component, Vocabulary>();
  for (const { file, word } of said) {
    const blob = await source.open(file.sha256);
    if (blob === null) throw new FailureError({ code: 'adapter-missing', adapter: file.name });
    for (const { component, vectors, width, data } of await readTables(blob, file.name)) {
      const vocabulary = found.get(component) ?? { words: [], vectors: [] };
      found.set(component, vocabulary);
      vocabulary.words.push({ text: word, firstId: newTokenId(vocabulary.vectors.length), vectors });
      for (let k = 0; k < vectors; k++) vocabulary.vectors.push(data.subarray(k * width, (k + 1) * width));
    }
  }
  const uses = said.map(({ file: { sha256 }, word }) => ({ word, fileHash: sha256.slice(0, 12) }));
  return { vocabularies: found, uses: uses.slice(0, MAX_WORD_USES) };
}

/** The word of a textual inversion; null for every other adapter. */
export function wordOf({ summary, name }: KnownFile): string | null {
  return summary?.kind === 'textual-inversion' ? (summary.triggerWords[0] ?? name) : null;
}

/** @throws FailureError `adapter-invalid` */
export async function readTables(blob: Blob, name: string): Promise<ReadTable[]> {
  const invalid = (reason: string) => new FailureError({ code: 'adapter-invalid', adapter: name, reason });
  const opened = await openSafetensors(inMemory(await blob.arrayBuffer()));
  if (!opened.ok) throw invalid(opened.fault.detail);
  const read = readAdapter(opened.file);
  if (!read.ok || read.content.kind !== 'textual-inversion') throw invalid('it holds no vectors of a word');
  const tables: ReadTable[] = [];
  for (const table of read.content.tables)
    tables.push({ ...table, data: await valuesOf(opened.file, table, invalid) });
  return tables;
}

async function valuesOf(
  file: SafetensorsFile,
  { tensor }: EmbeddingTable,
  invalid: (reason: string) => FailureError,
): Promise<Float32Array> {
  const data = await file.floats(tensor);
  if (!data.every(Number.isFinite)) throw invalid('it holds values that are no numbers');
  return data;
}

/**
 * Refuses words that a model cannot read.
 * @param widthOf of a text encoder's table; null where nothing can be added to it
 * @throws FailureError `adapter-mismatch`
 */
export function checkWords(
  vocabularies: Vocabularies,
  manifest: Manifest,
  widthOf: (part: string) => number | null,
): void {
  if (vocabularies === null) return;
  const encoders = manifest.textEncoders.map(({ part }, i) => ({
    part,
    component: `text${i + 1}` as Component,
  }));
  const refuse = (word: string, detail: string) =>
    new FailureError({
      code: 'adapter-mismatch',
      adapter: word,
      adapterFamily: null,
      model: manifest.name,
      modelFamily: modelWords(manifest),
      detail,
    });
  for (const [component, { words, vectors }] of vocabularies) {
    const encoder = encoders.find((one) => one.component === component);
    for (const { text, firstId } of words) {
      const width = encoder === undefined ? undefined : widthOf(encoder.part);
      const own = vectors[-1 - firstId]!.length;
      if (width === undefined)
        throw refuse(text, 'it is for a second text encoder, which the model does not have');
      if (width === null) throw refuse(text, 'the model’s text encoder takes no new words');
      if (width !== own) throw refuse(text, `its vectors have ${own} values, the model’s tokens ${width}`);
    }
  }
}
