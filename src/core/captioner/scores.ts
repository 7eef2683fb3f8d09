/** How well a text fits a picture, by BLIP's two measures. */

/** @param logits [no match, match] @returns the probability of a match */
export function matchProbability(logits: ArrayLike<number>): number {
  return 1 / (1 + Math.exp(logits[0]! - logits[1]!));
}

/** Cosine of two vectors, normalised or not; 0 where one has no length. */
export function cosine(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length)
    throw new RangeError(`Vectors of ${a.length} and ${b.length} cannot be compared.`);
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}
