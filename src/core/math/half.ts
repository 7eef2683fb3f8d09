/** IEEE 754 half precision, for graphs that compute in float16. Bits travel as `Uint16Array`, as ONNX Runtime takes them. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The half nearest to a number, ties to the even one; beyond 65504 infinity. NaN becomes the quiet NaN 0x7e00. */
export function toHalf(value: number): number {
  float[0] = value;
  const sign = (bits[0]! >>> 16) & 0x8000;
  const size = bits[0]! & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  // From 65520 on the nearest half is infinity.
  if (size >= 0x477ff000) return sign | 0x7c00;
  if (size < 0x38800000) {
    // Subnormal: a whole number of 2⁻²⁴. Adding 0.5 leaves that number in the float's last bits, rounded to even.
    float[0] = Math.abs(float[0]!) + 0.5;
    return sign | (bits[0]! - 0x3f000000);
  }
  const rounding = 0xfff + ((size >>> 13) & 1);
  return sign | ((size + rounding - 0x38000000) >>> 13);
}

/** The number that the 16 bits of a half stand for. */
export function fromHalf(half: number): number {
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

export function toHalves(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, toHalf);
}

export function fromHalves(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, fromHalf);
}
