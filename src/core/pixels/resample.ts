/** Lanczos resampling of bytes, in two passes with rounding between them, as the field's picture library does it. */
import { cut, type Pixels, type Size } from './pixels.ts';

const LOBES = 3;

/** @returns the same picture at another size */
export function resample(pixels: Pixels, { widthPx, heightPx }: Size): Pixels {
  const wide = widthPx === pixels.widthPx ? pixels : alongRows(pixels, widthPx);
  return heightPx === pixels.heightPx ? wide : alongColumns(wide, heightPx);
}

/** Cuts to the shape of `size` around the middle, then resamples. */
export function cover(pixels: Pixels, size: Size): Pixels {
  const { widthPx, heightPx } = pixels;
  const scale = Math.min(widthPx / size.widthPx, heightPx / size.heightPx);
  const inner = {
    widthPx: Math.max(1, Math.round(size.widthPx * scale)),
    heightPx: Math.max(1, Math.round(size.heightPx * scale)),
  };
  const x = Math.floor((widthPx - inner.widthPx) / 2);
  const y = Math.floor((heightPx - inner.heightPx) / 2);
  return resample(cut(pixels, { ...inner, x, y }), size);
}

/** Resamples to lie within `size`, its edges repeated around it. */
export function contain(pixels: Pixels, size: Size): Pixels {
  const scale = Math.min(size.widthPx / pixels.widthPx, size.heightPx / pixels.heightPx);
  const inner = resample(pixels, {
    widthPx: Math.max(1, Math.round(pixels.widthPx * scale)),
    heightPx: Math.max(1, Math.round(pixels.heightPx * scale)),
  });
  const x = -Math.floor((size.widthPx - inner.widthPx) / 2);
  const y = -Math.floor((size.heightPx - inner.heightPx) / 2);
  return cut(inner, { ...size, x, y });
}

interface Tap {
  readonly first: number;
  readonly weights: readonly number[];
}

/** For each position of the result, which of the source count and how much. */
function tapsOf(from: number, to: number): Tap[] {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const reach = LOBES * stretch;
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const end = Math.min(from, Math.floor(centre + reach + 0.5));
    const weights = Array.from({ length: end - first }, (__, k) =>
      lanczos((first + k - centre + 0.5) / stretch),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

function lanczos(x: number): number {
  return Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function alongRows({ data, channels, widthPx, heightPx }: Pixels, toPx: number): Pixels {
  const result = new Uint8ClampedArray(toPx * heightPx * channels);
  const taps = tapsOf(widthPx, toPx);
  for (let row = 0; row < heightPx; row++) {
    for (const [column, { first, weights }] of taps.entries()) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        let at = (row * widthPx + first) * channels + c;
        for (const weight of weights) {
          sum += weight * data[at]!;
          at += channels;
        }
        result[(row * toPx + column) * channels + c] = halfUp(sum);
      }
    }
  }
  return { data: result, channels, widthPx: toPx, heightPx };
}

function alongColumns({ data, channels, widthPx, heightPx }: Pixels, toPx: number): Pixels {
  const line = widthPx * channels;
  const result = new Uint8ClampedArray(toPx * line);
  for (const [row, { first, weights }] of tapsOf(heightPx, toPx).entries()) {
    for (let i = 0; i < line; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * data[(first + k) * line + i]!;
      result[row * line + i] = halfUp(sum);
    }
  }
  return { data: result, channels, widthPx, heightPx: toPx };
}

/** The array itself would round halves to even. */
function halfUp(value: number): number {
  return Math.floor(value + 0.5);
}
