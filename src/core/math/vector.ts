/** Sums of scaled latents: all that samplers do with vectors. */

/** A factor and the latent that it scales. */
export type Term = readonly [factor: number, latent: Float32Array];

/**
 * Σ factor·latent, accumulated in double precision and rounded once.
 * @param terms at least one; all latents of equal length
 * @returns a new latent
 */
export function combine(...terms: readonly [Term, ...Term[]]): Float32Array {
  const sum = new Float64Array(terms[0][1].length);
  for (const [factor, latent] of terms) {
    for (let i = 0; i < sum.length; i++) sum[i]! += factor * latent[i]!;
  }
  return Float32Array.from(sum);
}

/** Standard deviation with torch's default divisor n − 1. */
export function deviation(values: Float32Array): number {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}
