/**
 * Resizing as Pillow does it to 8-bit pictures (libImaging/Resample.c): antialiased, two passes, the weights in fixed point and
 * each pass rounded to bytes. Models were trained on pictures resized so, and the same bytes in make the same words out.
 */

export type ResizeFilter = 'bilinear' | 'bicubic' | 'lanczos';

export interface Pixels {
  /** Row by row, `channels` bytes a pixel. */
  data: Uint8Array | Uint8ClampedArray;
  widthPx: number;
  heightPx: number;
}

const PRECISION_BITS = 22;
const HALF = 2 ** (PRECISION_BITS - 1);

/** Keys' cubic with a = −½, as Pillow's. */
const CUBIC_A = -0.5;

const FILTERS: Readonly<Record<ResizeFilter, { support: number; weigh: (x: number) => number }>> = {
  bilinear: { support: 1, weigh: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    weigh: (signed) => {
      const x = Math.abs(signed);
      if (x < 1) return ((CUBIC_A + 2) * x - (CUBIC_A + 3)) * x * x + 1;
      if (x < 2) return (((x - 5) * x + 8) * x - 4) * CUBIC_A;
      return 0;
    },
  },
  lanczos: { support: 3, weigh: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

/** Of one pixel of the answer: where its weights begin in the source, and the weights. */
interface Reach {
  first: number;
  weights: Int32Array;
}

function planAxis(
  source: number,
  target: number,
  { support, weigh }: (typeof FILTERS)[ResizeFilter],
): Reach[] {
  const scale = source / target;
  const stretch = Math.max(1, scale);
  const radius = support * stretch;
  return Array.from({ length: target }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - radius + 0.5));
    const end = Math.min(source, Math.trunc(centre + radius + 0.5));
    const raw = Array.from({ length: end - first }, (__, k) => weigh((k + first - centre + 0.5) / stretch));
    const sum = raw.reduce((a, b) => a + b, 0);
    const weights = Int32Array.from(raw, (weight) => {
      const share = (sum === 0 ? weight : weight / sum) * 2 ** PRECISION_BITS;
      return Math.trunc(share < 0 ? share - 0.5 : share + 0.5);
    });
    return { first, weights };
  });
}

/** @returns a picture of the wanted size with as many channels */
export function resizePixels(
  { data, widthPx, heightPx }: Pixels,
  target: { widthPx: number; heightPx: number },
  filter: ResizeFilter,
  channels = 3,
): Uint8ClampedArray<ArrayBuffer> {
  if (data.length !== widthPx * heightPx * channels)
    throw new RangeError(`${data.length} bytes are no picture of ${widthPx} × ${heightPx}`);
  const kind = FILTERS[filter];
  let across: Uint8Array | Uint8ClampedArray = data;
  if (widthPx !== target.widthPx) {
    const result = new Uint8ClampedArray(target.widthPx * heightPx * channels);
    const plan = planAxis(widthPx, target.widthPx, kind);
    for (let y = 0; y < heightPx; y++) {
      const from = y * widthPx * channels;
      const to = y * target.widthPx * channels;
      for (const [x, { first, weights }] of plan.entries()) {
        for (let c = 0; c < channels; c++)
          result[to + x * channels + c] = weighed(data, from + first * channels + c, channels, weights);
      }
    }
    across = result;
  }
  if (heightPx === target.heightPx) return Uint8ClampedArray.from(across);
  const result = new Uint8ClampedArray(target.widthPx * target.heightPx * channels);
  const row = target.widthPx * channels;
  for (const [y, { first, weights }] of planAxis(heightPx, target.heightPx, kind).entries()) {
    for (let x = 0; x < row; x++) result[y * row + x] = weighed(across, first * row + x, row, weights);
  }
  return result;
}

/** Clamped to a byte by the array that it is written to. The sum stays below 2⁵³ and so is exact. */
function weighed(
  data: Uint8Array | Uint8ClampedArray,
  start: number,
  stride: number,
  weights: Int32Array,
): number {
  let sum = HALF;
  for (let k = 0, at = start; k < weights.length; k++, at += stride) sum += data[at]! * weights[k]!;
  return Math.floor(sum / 2 ** PRECISION_BITS);
}
