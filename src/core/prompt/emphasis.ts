/** Emphasis acts on the text encoder's answer: each token's vector is multiplied by its weight. */

/**
 * `original` then rescales the window so that its mean is what it was, as the field does by default;
 * `no-norm` does not.
 */
export type Emphasis = 'original' | 'no-norm';

/** A mean this small beside the root mean square is chance: dividing by it would blow the window up. */
const LEAST_MEAN = 1e-3;

/**
 * Weighs token embeddings in place, window by window: a window is encoded, and so weighed, on its own. One whose
 * weights are all 1 is not touched at all. Where the mean is near zero or changes sign, `original` falls back to
 * `no-norm`.
 * @param embeddings [windows × window, width]
 * @param weights [windows × window]
 * @param window tokens of one window
 * @throws {RangeError} when the lengths do not fit each other
 */
export function emphasise(
  embeddings: Float32Array,
  weights: Float32Array,
  { window, emphasis = 'original' }: { window: number; emphasis?: Emphasis },
): void {
  const width = embeddings.length / weights.length;
  if (!Number.isInteger(width) || !Number.isInteger(weights.length / window)) {
    throw new RangeError(
      `${embeddings.length} numbers are no whole vectors for ${weights.length} tokens in windows of ${window}`,
    );
  }
  for (let first = 0; first < weights.length; first += window) {
    const own = weights.subarray(first, first + window);
    if (own.every((weight) => weight === 1)) continue;
    const vectors = embeddings.subarray(first * width, (first + window) * width);
    const before = measure(vectors);
    for (let i = 0; i < vectors.length; i++) vectors[i]! *= own[Math.floor(i / width)]!;
    if (emphasis === 'no-norm') continue;
    const after = measure(vectors);
    if (!isMeaningful(before) || !isMeaningful(after) || before.mean * after.mean < 0) continue;
    const scale = before.mean / after.mean;
    for (let i = 0; i < vectors.length; i++) vectors[i]! *= scale;
  }
}

interface Moments {
  mean: number;
  rootMeanSquare: number;
}

function measure(values: Float32Array): Moments {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  return { mean: sum / values.length, rootMeanSquare: Math.sqrt(squares / values.length) };
}

function isMeaningful({ mean, rootMeanSquare }: Moments): boolean {
  return Math.abs(mean) > LEAST_MEAN * rootMeanSquare;
}
