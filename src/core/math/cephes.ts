/**
 * The single-precision logarithm, sine and cosine of Moshier's Cephes library, as the vector code by which torch
 * fills normal numbers on x86 (avx_mathfun.h) computes them: every product and sum fused and rounded once.
 * Only with these is a seed's noise torch's to the last bit.
 */

const { fround } = Math;
const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** ln(1 + x) ≈ x − x²/2 + x³·(l0·x⁸ + … + l8). Constants and not a table: this runs for every number of a latent. */
const [l0, l1, l2] = [fround(7.0376836292e-2), fround(-1.151461031e-1), fround(1.167699874e-1)];
const [l3, l4, l5] = [fround(-1.2420140846e-1), fround(1.4249322787e-1), fround(-1.6668057665e-1)];
const [l6, l7, l8] = [fround(2.0000714765e-1), fround(-2.4999993993e-1), fround(3.3333331174e-1)];
const HALF_ROOT = fround(Math.SQRT1_2);
/** ln 2 in two parts, the first of few bits. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = fround(-2.1219444e-4);

/** sin x ≈ x + x³·(s0·x⁴ + s1·x² + s2) and cos x ≈ 1 − x²/2 + x⁴·(c0·x⁴ + c1·x² + c2) up to π/4. */
const [s0, s1, s2] = [fround(-1.9515295891e-4), fround(8.3321608736e-3), fround(-1.6666654611e-1)];
const [c0, c1, c2] = [
  fround(2.443315711809948e-5),
  fround(-1.388731625493765e-3),
  fround(4.166664568298827e-2),
];
const FOUR_OVER_PI = fround(4 / Math.PI);
/** −π/4 in three parts, the first two of few bits. */
const QUARTER_HIGH = -0.78515625;
const QUARTER_MIDDLE = -2.4187564849853516e-4;
const QUARTER_LOW = fround(-3.7748949774410814e-8);

/** a·b + c rounded to float32. The product of two floats is exact in a double. */
function fused(a: number, b: number, c: number): number {
  return fround(a * b + c);
}

/** ln x of a positive, normal float. */
export function log32(value: number): number {
  float[0] = value;
  let exponent = (bits[0]! >> 23) - 126;
  // The mantissa, as a float of ½ to 1.
  bits[0] = (bits[0]! & 0x007fffff) | 0x3f000000;
  let x = float[0]!;
  if (x < HALF_ROOT) {
    exponent -= 1;
    x = fround(x - 1 + x);
  } else {
    x = fround(x - 1);
  }
  const z = fround(x * x);
  let y = fused(fused(fused(fused(l0, x, l1), x, l2), x, l3), x, l4);
  y = fused(fused(fused(fused(y, x, l5), x, l6), x, l7), x, l8);
  y = fused(fround(y * x), z, fround(exponent * LN2_LOW));
  y = fused(-z, 0.5, y);
  return fused(exponent, LN2_HIGH, fround(x + y));
}

/** sin and cos of an angle of 0 to 2π, written to the two elements of `out`. */
export function sinCos32(angle: number, out: Float32Array): void {
  const octant = (Math.trunc(fround(angle * FOUR_OVER_PI)) + 1) & ~1;
  const x = fused(octant, QUARTER_LOW, fused(octant, QUARTER_MIDDLE, fused(octant, QUARTER_HIGH, angle)));
  const z = fround(x * x);
  const c = fround(fused(fused(c0, z, c1), z, c2) * z);
  const even = fround(fused(c, z, -fround(z * 0.5)) + 1);
  const odd = fused(fround(fused(fused(s0, z, s1), z, s2) * z), x, x);
  const swapped = (octant & 2) !== 0;
  const sin = swapped ? even : odd;
  const cos = swapped ? odd : even;
  out[0] = octant & 4 ? -sin : sin;
  out[1] = ~(octant - 2) & 4 ? -cos : cos;
}
