/**
 * How words are chosen. A way of decoding is a generator: it asks for the logits after some rows of tokens and is answered
 * with them; it knows no network, no cache and no thread. Cancel is: stop pulling.
 */

/** What the network is asked for. */
export interface Ask {
  /** One row a hypothesis. In the first ask a row is the whole prompt, later it is one new token. */
  rows: readonly (readonly number[])[];
  /** Which row of the ask before each row goes on from; empty in the first ask. */
  parents: readonly number[];
  /** The likeliest text so far, without the prompt: to show while it grows. */
  best: readonly number[];
}

/** The logits after the last token of each row, row by row. */
export type Logits = Float32Array;

export interface Decoded {
  /** Without prompt and end. */
  tokens: number[];
  /** The end was chosen, not reached by length. */
  isComplete: boolean;
}

export type Decoding = Generator<Ask, Decoded, Logits>;

export interface Limits {
  prompt: readonly number[];
  endToken: number;
  /** New tokens at most, the end included. */
  maxNewTokens: number;
  /** Above 1 makes what stands there already less likely (Keskar and others, 2019); 1 leaves all as it is. */
  repetitionPenalty: number;
}

/** Lowers what is in `seen`: negative values are multiplied, positive ones divided. In place. */
export function penaliseRepetition(scores: Float32Array, seen: readonly number[], penalty: number): void {
  if (penalty === 1) return;
  for (const token of new Set(seen)) {
    const score = scores[token];
    if (score !== undefined) scores[token] = score < 0 ? score * penalty : score / penalty;
  }
}

export function logSoftmax(logits: Float32Array): Float32Array {
  let top = Number.NEGATIVE_INFINITY;
  for (const logit of logits) top = Math.max(top, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - top);
  const shift = top + Math.log(sum);
  return logits.map((logit) => logit - shift);
}

/** The first of the largest. */
export function argMax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
