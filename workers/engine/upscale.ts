/** An upscaler that is open, and pictures through it tile by tile. */
import { FailureError } from '#core/failure.ts';
import { INFOTEXT_KEYWORD } from '#core/metadata/picture-text.ts';
import { insertTexts, type PngText, readTexts } from '#core/metadata/png-text.ts';
import { upscaledTexts } from '#core/metadata/upscale-text.ts';
import { largestSource, type UpscalerManifest } from '#core/models/upscaler.ts';
import { cutTile, pasteTile, planTiles } from '#core/tiles/tiles.ts';
import type { GenerateEvent, UpscaledPicture } from '#engine/api.ts';
import { fetchUpscaler } from '#storage/upscalers.ts';
import type { Gpu } from '../runtime/device.ts';
import type { Session } from '../runtime/ort.ts';
import { decodePicture, encodePng, inflate } from '../runtime/pixels.ts';
import { readModelFiles } from './files.ts';
import { openPart, pickVariant } from './model.ts';
import { turn } from './denoise.ts';

export interface OpenUpscaler {
  manifest: UpscalerManifest;
  session: Session;
}

export interface Size {
  widthPx: number;
  heightPx: number;
}

const RGB = [0, 1, 2];
/** The network takes three channels: transparency goes through it as a grey picture. */
const ALPHA = [3, 3, 3];

/** @throws FailureError as `openModel` and `fetchUpscaler` */
export async function openUpscaler(options: {
  gpu: Gpu | null;
  float16: boolean;
  strictGpu: boolean;
  signal: AbortSignal;
  emit: (event: Extract<GenerateEvent, { kind: 'loading' | 'preparing' }>) => void;
}): Promise<OpenUpscaler> {
  const { gpu, signal, emit } = options;
  const manifest = await fetchUpscaler(signal);
  const { part } = manifest;
  const variant = pickVariant(manifest, part, gpu);
  const files = await readModelFiles(manifest, [variant.graph, ...variant.weights], signal, emit);
  signal.throwIfAborted();
  emit({ kind: 'preparing', part });
  return { manifest, session: await openPart(part, variant, files, options) };
}

/** @throws FailureError `picture-too-large`, so that nothing is allocated for a result nobody can open */
export function checkSource(manifest: UpscalerManifest, { widthPx, heightPx }: Size) {
  const maxPx = largestSource(manifest);
  if (Math.max(widthPx, heightPx) > maxPx) {
    throw new FailureError({ code: 'picture-too-large', widthPx, heightPx, maxPx });
  }
}

export interface TileJob {
  signal: AbortSignal;
  /** Called after each tile. */
  onTile: (tile: number, tiles: number) => void;
}

/**
 * Enlarges pixels. Transparent ones are weighed by their opacity, so that no colour bleeds out of what is not seen.
 * @param rgba bytes, row by row
 * @returns RGBA of `scale` times the size
 * @throws FailureError `picture-too-large`, `result-invalid`; the signal's reason between two tiles when aborted
 */
export async function upscalePixels(
  { manifest, session }: OpenUpscaler,
  rgba: Uint8ClampedArray,
  size: Size,
  { signal, onTile }: TileJob,
): Promise<Uint8ClampedArray<ArrayBuffer>> {
  checkSource(manifest, size);
  const { scale, input, output } = manifest;
  const { tiles, haloPx } = planTiles(size, { ...manifest, maxTilePx: manifest.tilePx });
  const isOpaque = rgba.every((byte, i) => i % 4 !== 3 || byte === 255);
  const source = isOpaque ? rgba : premultiplied(rgba);
  const result = new Uint8ClampedArray(4 * scale * size.widthPx * scale * size.heightPx).fill(255);
  for (const [index, tile] of tiles.entries()) {
    for (const channels of isOpaque ? [RGB] : [RGB, ALPHA]) {
      // A cancel arrives as a message: the event loop has to turn between two runs.
      await turn();
      signal.throwIfAborted();
      const data = cutTile(source, size, tile, haloPx, channels);
      const dims = [1, 3, tile.heightPx + 2 * haloPx, tile.widthPx + 2 * haloPx];
      const answer = (await session.run({ [input]: { data, dims } }, [output]))[output]!.data;
      checkNumbers(answer);
      pasteTile(answer, result, size, tile, { haloPx, scale }, channels);
    }
    onTile(index + 1, tiles.length);
  }
  return isOpaque ? result : unpremultiplied(result);
}

/**
 * Enlarges a picture file; what the file said of itself goes on in the result.
 * @throws FailureError `picture-unreadable`, and as `upscalePixels`
 */
export async function upscalePicture(
  upscaler: OpenUpscaler,
  file: Blob,
  job: TileJob,
): Promise<Omit<UpscaledPicture, 'device'>> {
  const { manifest } = upscaler;
  const startedAt = performance.now();
  const texts = await textsOf(file);
  const decoded = await decodePicture(file, (size) => checkSource(manifest, size));
  const rgba = await upscalePixels(upscaler, decoded.rgba, decoded, job);
  job.signal.throwIfAborted();
  const widthPx = manifest.scale * decoded.widthPx;
  const heightPx = manifest.scale * decoded.heightPx;
  const entries = upscaledTexts(texts, { factor: manifest.scale, upscaler: manifest.name });
  const described = insertTexts(await encodePng(rgba, widthPx, heightPx), entries);
  if (!described.ok) throw new FailureError({ code: 'picture-unreadable', reason: described.reason });
  return {
    png: new Blob([described.value], { type: 'image/png' }),
    widthPx,
    heightPx,
    elapsedMs: performance.now() - startedAt,
    parameters: entries.find(({ keyword }) => keyword === INFOTEXT_KEYWORD)?.text ?? '',
  };
}

/** What a PNG says of itself; other kinds of files say nothing here. */
async function textsOf(file: Blob): Promise<PngText[]> {
  const texts = await readTexts(new Uint8Array(await file.arrayBuffer()), inflate);
  return texts.ok ? texts.value.entries : [];
}

function checkNumbers(answer: Float32Array) {
  if (!answer.every(Number.isFinite)) {
    throw new FailureError({ code: 'result-invalid', kind: 'nan', stage: 'upscale', step: null });
  }
}

function premultiplied(rgba: Uint8ClampedArray): Uint8ClampedArray<ArrayBuffer> {
  const result = new Uint8ClampedArray(rgba);
  for (let i = 0; i < rgba.length; i += 4) {
    for (let c = i; c < i + 3; c++) result[c] = (rgba[c]! * rgba[i + 3]!) / 255;
  }
  return result;
}

function unpremultiplied(rgba: Uint8ClampedArray<ArrayBuffer>): Uint8ClampedArray<ArrayBuffer> {
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3]!;
    for (let c = i; c < i + 3; c++) rgba[c] = alpha === 0 ? 0 : (rgba[c]! * 255) / alpha;
  }
  return rgba;
}
