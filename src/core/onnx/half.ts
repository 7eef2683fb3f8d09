/** float32 → float16, rounding to nearest even (IEEE 754), as ORT and numpy do, but large values saturate. */

/** What the narrower type did to the values. */
export interface HalfLosses {
  /** Finite values beyond ±65504, set to ±65504: infinity would turn into NaN further on. */
  saturated: number;
  /** Values that became 0. */
  flushed: number;
  /** Values under 2^-14: kept with fewer bits; a GPU is allowed to take them for 0. */
  subnormal: number;
}

export const NO_LOSSES: Readonly<HalfLosses> = { saturated: 0, flushed: 0, subnormal: 0 };

export function addLosses(a: HalfLosses, b: HalfLosses): HalfLosses {
  return {
    saturated: a.saturated + b.saturated,
    flushed: a.flushed + b.flushed,
    subnormal: a.subnormal + b.subnormal,
  };
}

const INFINITY_32 = 0x7f800000;
/** 65520, the first value that would round to infinity. */
const OVERFLOW_32 = 0x477ff000;
/** 2^-14, the smallest normal float16. */
const NORMAL_32 = 0x38800000;
/** 2^-25, which still ties to zero. */
const ZERO_32 = 0x33000000;

export function toHalves(values: Float32Array): { bits: Uint16Array<ArrayBuffer>; losses: HalfLosses } {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bits = new Uint16Array(words.length);
  const losses = { ...NO_LOSSES };
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    const sign = (word >>> 16) & 0x8000;
    const size = word & 0x7fffffff;
    let half: number;
    if (size >= NORMAL_32 && size < OVERFLOW_32) {
      half = (size + 0xfff + ((size >>> 13) & 1) - 0x38000000) >>> 13;
    } else if (size >= INFINITY_32) {
      half = size === INFINITY_32 ? 0x7c00 : 0x7e00;
    } else if (size >= OVERFLOW_32) {
      half = 0x7bff;
      losses.saturated++;
    } else if (size <= ZERO_32) {
      half = 0;
      if (size !== 0) losses.flushed++;
    } else {
      half = subnormalHalf(size);
      losses.subnormal++;
    }
    bits[index] = sign | half;
  }
  return { bits, losses };
}

/** @param size bits of a positive float32 between 2^-25 and 2^-14; the answer counts units of 2^-24 */
function subnormalHalf(size: number): number {
  const shift = 126 - (size >>> 23);
  const mantissa = (size & 0x7fffff) | 0x800000;
  const half = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return rest > middle || (rest === middle && (half & 1) === 1) ? half + 1 : half;
}
