/** Pixels as a network wants them: opaque, resized, scaled and normalised, plane by plane. */
import { type Pixels, type ResizeFilter, resizePixels } from './resize.ts';

export interface PictureInput {
  widthPx: number;
  heightPx: number;
  resize: ResizeFilter;
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** Transparent parts are laid on white: what is not there has no colour of its own. */
export function toRgb(rgba: Uint8Array | Uint8ClampedArray): Uint8ClampedArray<ArrayBuffer> {
  const rgb = new Uint8ClampedArray((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const alpha = rgba[from + 3]! / 255;
    for (let c = 0; c < 3; c++) rgb[to + c] = rgba[from + c]! * alpha + 255 * (1 - alpha);
  }
  return rgb;
}

/**
 * @param picture three channels a pixel
 * @returns [1, 3, heightPx, widthPx]: (value / 255 − mean) / std
 */
export function toTensor(picture: Pixels, input: PictureInput): Float32Array {
  const { widthPx, heightPx, mean, std } = input;
  const resized = resizePixels(picture, { widthPx, heightPx }, input.resize);
  const plane = widthPx * heightPx;
  const tensor = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < plane; i++)
      tensor[c * plane + i] = (Math.fround(resized[3 * i + c]! / 255) - mean[c]!) / std[c]!;
  }
  return tensor;
}

/**
 * The middle of a picture, square: its shorter side becomes `sidePx`, what hangs over is cut off, as CLIP's reader does it.
 * @param picture three channels a pixel
 */
export function cropSquare(picture: Pixels, sidePx: number, resize: ResizeFilter): Pixels {
  const shorter = Math.min(picture.widthPx, picture.heightPx);
  // The longer side is cut to a whole number, not rounded.
  const widthPx = picture.widthPx === shorter ? sidePx : Math.trunc((picture.widthPx * sidePx) / shorter);
  const heightPx = picture.heightPx === shorter ? sidePx : Math.trunc((picture.heightPx * sidePx) / shorter);
  const resized = resizePixels(picture, { widthPx, heightPx }, resize);
  const left = Math.floor((widthPx - sidePx) / 2);
  const top = Math.floor((heightPx - sidePx) / 2);
  const data = new Uint8ClampedArray(3 * sidePx * sidePx);
  for (let y = 0; y < sidePx; y++) {
    const from = 3 * ((top + y) * widthPx + left);
    data.set(resized.subarray(from, from + 3 * sidePx), 3 * y * sidePx);
  }
  return { data, widthPx: sidePx, heightPx: sidePx };
}
