/** Decoder output to pixels, pixels to PNG and preview. */
import { FailureError } from '#core/failure.ts';
import { readHeader } from '#core/metadata/png.ts';

/**
 * Planar RGB in -1..1 to opaque RGBA bytes, rounded half up and clamped.
 * @param rgb [3, heightPx, widthPx]
 */
export function toRgba(rgb: Float32Array, widthPx: number, heightPx: number): Uint8ClampedArray<ArrayBuffer> {
  const plane = widthPx * heightPx;
  if (rgb.length !== 3 * plane) {
    throw new RangeError(`${rgb.length} values are no RGB picture of ${widthPx} × ${heightPx}`);
  }
  const rgba = new Uint8ClampedArray(4 * plane);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = (rgb[c * plane + i]! * 0.5 + 0.5) * 255;
    rgba[4 * i + 3] = 255;
  }
  return rgba;
}

/**
 * The manifest's linear latent-to-RGB map: a cheap, small look at an unfinished latent.
 * @param latent [channels, height, width]
 * @returns RGBA of height × width pixels
 */
export function linearPreview(
  latent: Float32Array,
  width: number,
  height: number,
  map: { weights: [number, number, number][]; bias: [number, number, number] },
): Uint8ClampedArray<ArrayBuffer> {
  const plane = width * height;
  const rgb = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c++) {
    rgb.fill(map.bias[c]!, c * plane, (c + 1) * plane);
    for (const [k, weights] of map.weights.entries()) {
      for (let i = 0; i < plane; i++) rgb[c * plane + i]! += latent[k * plane + i]! * weights[c]!;
    }
  }
  return toRgba(rgb, width, height);
}

export function toBitmap(
  rgba: Uint8ClampedArray<ArrayBuffer>,
  widthPx: number,
  heightPx: number,
): Promise<ImageBitmap> {
  return createImageBitmap(new ImageData(rgba, widthPx, heightPx));
}

export async function encodePng(
  rgba: Uint8ClampedArray<ArrayBuffer>,
  widthPx: number,
  heightPx: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(widthPx, heightPx);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('No 2D canvas can be had in this worker.');
  context.putImageData(new ImageData(rgba, widthPx, heightPx), 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/png' });
  return new Uint8Array(await blob.arrayBuffer());
}

/**
 * A picture file as pixels, whatever format the browser knows. Colours are taken to sRGB, turns of a camera are undone.
 * @param check throws for a size that must not be unpacked
 * @returns straight (not premultiplied) RGBA
 * @throws FailureError `picture-unreadable`; what `check` throws
 */
export async function decodePicture(
  file: Blob,
  check: (size: { widthPx: number; heightPx: number }) => void,
): Promise<{ rgba: Uint8ClampedArray<ArrayBuffer>; widthPx: number; heightPx: number }> {
  // A PNG tells its size before it is unpacked; a small file may hold a picture of any size.
  const header = readHeader(new Uint8Array(await file.slice(0, 64).arrayBuffer()));
  if (header.ok) check(header.value);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FailureError({ code: 'picture-unreadable', reason }, { cause: error });
  }
  try {
    const { width: widthPx, height: heightPx } = bitmap;
    check({ widthPx, heightPx });
    const context = new OffscreenCanvas(widthPx, heightPx).getContext('2d', { willReadFrequently: true });
    if (context === null) throw new Error('No 2D canvas can be had in this worker.');
    context.drawImage(bitmap, 0, 0);
    return { rgba: context.getImageData(0, 0, widthPx, heightPx).data, widthPx, heightPx };
  } finally {
    bitmap.close();
  }
}

/** Undoes zlib, piece by piece, by the browser's own means. */
export async function* inflate(compressed: Uint8Array): AsyncGenerator<Uint8Array> {
  const body = new Blob([new Uint8Array(compressed)]).stream();
  const reader = body.pipeThrough(new DecompressionStream('deflate')).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
