/** What is drawn anew: one byte a pixel, 255 is all of it. */
import type { Pixels, Rect, Size } from '#core/pixels/pixels.ts';

/** From here on a pixel counts as masked. */
export const MASKED_FROM = 128;
/** Standard deviations after which the soft edge ends. */
const EDGE_REACH = 2.5;

/** What is light in a picture; what is transparent is not. */
export function maskOf({ data, widthPx, heightPx }: Pixels): Pixels {
  const mask = new Uint8ClampedArray(widthPx * heightPx);
  for (let i = 0; i < mask.length; i++) {
    const at = 4 * i;
    const light = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
    mask[i] = (light * data[at + 3]!) / 255;
  }
  return { data: mask, channels: 1, widthPx, heightPx };
}

/** The smallest rectangle around everything that is masked; null where nothing is. */
export function boundsOf({ data, widthPx, heightPx }: Pixels): Rect | null {
  let [left, top, right, bottom] = [widthPx, heightPx, -1, -1];
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      if (data[y * widthPx + x]! < MASKED_FROM) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  if (right < 0) return null;
  return { x: left, y: top, widthPx: right - left + 1, heightPx: bottom - top + 1 };
}

/**
 * Where to look when only the masked area is drawn: its bounds, the padding, and then the shape of `drawn`, within the
 * picture. The reference's `get_crop_region`.
 */
export function regionOf(bounds: Rect, paddingPx: number, picture: Size, drawn: Size): Rect {
  const left = Math.max(bounds.x - paddingPx, 0);
  const top = Math.max(bounds.y - paddingPx, 0);
  const right = Math.min(bounds.x + bounds.widthPx + paddingPx, picture.widthPx);
  const bottom = Math.min(bounds.y + bounds.heightPx + paddingPx, picture.heightPx);
  const shape = drawn.widthPx / drawn.heightPx;
  const [width, height] = [right - left, bottom - top];
  if (width / height > shape) {
    const [y, heightPx] = widened(top, bottom, Math.trunc(width / shape), picture.heightPx);
    return { x: left, y, widthPx: width, heightPx };
  }
  const [x, widthPx] = widened(left, right, Math.trunc(height * shape), picture.widthPx);
  return { x, y: top, widthPx, heightPx: height };
}

/** Makes a stretch `wanted` long around its middle, moved and at last cut to lie within 0 and `limit`. */
function widened(from: number, to: number, wanted: number, limit: number): [from: number, length: number] {
  const more = Math.max(wanted - (to - from), 0);
  const length = Math.min(to - from + more, limit);
  const start = from - Math.floor(more / 2);
  return [Math.max(0, Math.min(start, limit - length)), length];
}

/**
 * Which cells of a latent are drawn anew: those with any masked pixel, so that no fine stroke falls between the cells.
 * @returns 1 or 0 for each cell of one channel
 */
export function cellsOf({ data, widthPx, heightPx }: Pixels, cellPx: number): Uint8Array {
  const columns = widthPx / cellPx;
  const cells = new Uint8Array(columns * (heightPx / cellPx));
  for (let i = 0; i < data.length; i++) {
    if (data[i]! < MASKED_FROM) continue;
    const row = Math.floor(Math.floor(i / widthPx) / cellPx);
    cells[row * columns + Math.floor((i % widthPx) / cellPx)] = 1;
  }
  return cells;
}

/**
 * The mask with a soft edge, which lies outside of it: all that is masked shows the new picture, and beyond
 * `softReachPx` the old one is untouched.
 * @param sigmaPx of the Gaussian; 0 leaves the mask as it is
 */
export function softened(mask: Pixels, sigmaPx: number): Pixels {
  if (sigmaPx === 0) return mask;
  const weights = gaussian(sigmaPx);
  const blurred = blurRows(turned(blurRows(turned(mask), weights)), weights);
  const data = blurred.data.map((value, i) => Math.max(mask.data[i]!, Math.min(255, 2 * value)));
  return { ...mask, data };
}

/** How far the soft edge of a mask reaches, in pixels. */
export function softReachPx(sigmaPx: number): number {
  return sigmaPx === 0 ? 0 : Math.ceil(EDGE_REACH * sigmaPx);
}

function gaussian(sigmaPx: number): number[] {
  const reach = softReachPx(sigmaPx);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigmaPx ** 2)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

function blurRows({ data, widthPx, heightPx }: Pixels, weights: readonly number[]): Pixels {
  const reach = (weights.length - 1) / 2;
  const result = new Uint8ClampedArray(data.length);
  for (let row = 0; row < heightPx; row++) {
    const line = row * widthPx;
    for (let x = 0; x < widthPx; x++) {
      let sum = 0;
      for (const [k, weight] of weights.entries()) {
        // Beyond the picture its edge goes on.
        sum += weight * data[line + Math.min(Math.max(x + k - reach, 0), widthPx - 1)]!;
      }
      result[line + x] = sum;
    }
  }
  return { data: result, channels: 1, widthPx, heightPx };
}

/** Rows become columns. */
function turned({ data, widthPx, heightPx }: Pixels): Pixels {
  const result = new Uint8ClampedArray(data.length);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) result[x * heightPx + y] = data[y * widthPx + x]!;
  }
  return { data: result, channels: 1, widthPx: heightPx, heightPx: widthPx };
}

/** The new picture where the mask is, the old one where it is not, both between. Bytes without mask stay as they are. */
export function composite(old: Pixels, fresh: Pixels, mask: Pixels, at: { x: number; y: number }): Pixels {
  const data = new Uint8ClampedArray(old.data);
  for (let row = 0; row < fresh.heightPx; row++) {
    for (let column = 0; column < fresh.widthPx; column++) {
      const pixel = (row + at.y) * old.widthPx + column + at.x;
      const share = mask.data[pixel]! / 255;
      const from = 4 * (row * fresh.widthPx + column);
      for (let c = 0; c < 3; c++) {
        const to = 4 * pixel + c;
        data[to] = old.data[to]! * (1 - share) + fresh.data[from + c]! * share;
      }
    }
  }
  return { ...old, data };
}
