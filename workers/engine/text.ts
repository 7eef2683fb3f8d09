/** From windows of tokens to what the denoiser is told: token embeddings, and a pooled one where it wants it. */
import type { Component } from '#core/lora/names.ts';
import { vectorIndex } from '#core/lora/new-words.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { WordInputs } from '#core/onnx/passes/insert-words.ts';
import { emphasise } from '#core/prompt/emphasis.ts';
import type { TokenWindow } from '#core/prompt/windows.ts';
import type { Feed } from '../runtime/ort.ts';
import type { OpenModel } from './model.ts';
import type { Vocabularies } from './new-words.ts';

/** What the network is told of one text. */
export interface Conditioning {
  /** [1, tokens, width] */
  text: { data: Float32Array; dims: [1, number, number] };
  /** [1, width] */
  pooled: { data: Float32Array; dims: [1, number] } | null;
}

interface Encoded {
  tokens: number;
  width: number;
  /** [tokens, width] */
  embeddings: Float32Array;
  pooled: Float32Array | null;
}

/**
 * Runs every text encoder over its windows and joins the answers as the manifest says.
 * @param windows one list per text encoder, in the manifest's order, all of the same length
 * @param vocabularies what tokens of new words stand for
 */
export async function encodeText(
  model: OpenModel,
  windows: TokenWindow[][],
  vocabularies: Vocabularies,
): Promise<Conditioning> {
  const { textEncoders, conditioning } = model.manifest;
  const encoded: Encoded[] = [];
  for (const [i, encoder] of textEncoders.entries())
    encoded.push(await runEncoder(model, encoder, windows[i] ?? [], vectorsFor(vocabularies, i)));
  return { text: joinTokens(encoded, conditioning), pooled: joinPooled(encoded, conditioning.pooled) };
}

/** Zeros in the shape of another conditioning, for models that read an empty negative prompt so. */
export function zerosLike({ text, pooled }: Conditioning): Conditioning {
  return {
    text: { data: new Float32Array(text.data.length), dims: text.dims },
    pooled: pooled && { data: new Float32Array(pooled.data.length), dims: pooled.dims },
  };
}

async function runEncoder(
  model: OpenModel,
  { part, embeddings, pooled }: Manifest['textEncoders'][number],
  windows: TokenWindow[],
  vectors: readonly Float32Array[],
): Promise<Encoded> {
  const session = model.session(part);
  const inputName = session.inputNames[0];
  if (inputName === undefined) throw new Error(`The text encoder "${part}" has no input.`);
  const rows: Float32Array[] = [];
  let width = 0;
  let firstPooled: Float32Array | null = null;
  for (const { ids } of windows) {
    const answer = await session.run(
      tokenFeeds(inputName, ids, model.words(part), vectors),
      pooled === undefined ? [embeddings] : [embeddings, pooled],
    );
    const tokens = answer[embeddings]!;
    width = tokens.dims.at(-1)!;
    rows.push(tokens.data);
    // Only the first window speaks for the whole text, as in the field.
    if (pooled !== undefined) firstPooled ??= answer[pooled]!.data;
  }
  const all = concat(rows);
  emphasise(all, concat(windows.map((window) => window.weights)), { window: windows[0]!.ids.length });
  return { tokens: all.length / width, width, embeddings: all, pooled: firstPooled };
}

function vectorsFor(vocabularies: Vocabularies, encoder: number): readonly Float32Array[] {
  return vocabularies?.get(`text${encoder + 1}` as Component)?.vectors ?? [];
}

/** Token ids, and beside them the rows of tokens that the vocabulary does not have. */
function tokenFeeds(
  inputName: string,
  ids: Int32Array,
  words: WordInputs | null,
  vectors: readonly Float32Array[],
): Record<string, Feed> {
  // Any token of the vocabulary will do where its row is not taken.
  const known = ids.map((id) => Math.max(0, id));
  const feeds: Record<string, Feed> = { [inputName]: { data: known, dims: [1, ids.length] } };
  if (words === null) return feeds;
  const keep = new Float32Array(ids.length).fill(1);
  const rows = new Float32Array(ids.length * words.width);
  for (const [at, id] of ids.entries()) {
    const index = vectorIndex(id);
    if (index === null) continue;
    keep[at] = 0;
    rows.set(vectors[index]!, at * words.width);
  }
  feeds[words.keep] = { data: keep, dims: [1, ids.length, 1] };
  feeds[words.rows] = { data: rows, dims: [1, ids.length, words.width] };
  return feeds;
}

/** Features side by side, padded with zeros to the width and the tokens the denoiser was trained with. */
function joinTokens(
  encoded: Encoded[],
  { padFeaturesTo, appendZeroTokens }: Manifest['conditioning'],
): Conditioning['text'] {
  const tokens = encoded[0]!.tokens;
  const width = Math.max(
    padFeaturesTo ?? 0,
    encoded.reduce((sum, e) => sum + e.width, 0),
  );
  const total = tokens + (appendZeroTokens ?? 0);
  if (encoded.length === 1 && total === tokens && width === encoded[0]!.width) {
    return { data: encoded[0]!.embeddings, dims: [1, tokens, width] };
  }
  const data = new Float32Array(total * width);
  let column = 0;
  for (const e of encoded) {
    for (let t = 0; t < tokens; t++) {
      data.set(e.embeddings.subarray(t * e.width, (t + 1) * e.width), t * width + column);
    }
    column += e.width;
  }
  return { data, dims: [1, total, width] };
}

function joinPooled(encoded: Encoded[], how: Manifest['conditioning']['pooled']): Conditioning['pooled'] {
  if (how === 'none') return null;
  const pooled = encoded.map((e) => e.pooled).filter((p) => p !== null);
  const data = how === 'last' ? pooled.at(-1) : concat(pooled);
  if (data === undefined) throw new Error('No text encoder names a pooled output.');
  return { data, dims: [1, data.length] };
}

function concat(parts: Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
