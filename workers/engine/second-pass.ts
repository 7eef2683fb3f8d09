/**
 * The second pass: a picture enlarged, and walked once more from part of the way. Network, encoder and decoder see
 * pieces of the size they drew before; every step mixes the pieces' answers, so that there is one latent and no seam.
 */
import { TorchGenerator } from '#core/math/torch-random.ts';
import { type HiresUse, hiresSize } from '#core/pipeline/request.ts';
import { pictureOf, type Pixels } from '#core/pixels/pixels.ts';
import { resample } from '#core/pixels/resample.ts';
import { cutSchedule, noised, stepsSkipped } from '#core/sampling/strength.ts';
import { cutPiece, type Grid, Mosaic, type Piece, planPieces } from '#core/tiles/overlap.ts';
import type { StageTimes } from '#engine/api.ts';
import { toRgba } from '../runtime/pixels.ts';
import { denoise, scheduleOf, turn } from './denoise.ts';
import { checkPixels, decode, encode, type LatentShape, type Network, predict } from './network.ts';
import type { PictureJob } from './picture.ts';
import { toPlanes } from './source.ts';

export interface SecondPass {
  hires: HiresUse;
  /** Of the latent. */
  grid: Grid;
  /** Of a piece of it. */
  piece: Grid;
  pieces: Piece[];
  steps: number;
}

/** What the second pass of a request will be; null where there is none. */
export function planSecondPass({ model, request }: Pick<PictureJob, 'model' | 'request'>): SecondPass | null {
  const { hires, widthPx, heightPx } = request;
  if (hires === undefined) return null;
  const { latent, noise } = model.manifest;
  const cells = (size: { widthPx: number; heightPx: number }): Grid => ({
    width: size.widthPx / latent.downscale,
    height: size.heightPx / latent.downscale,
  });
  const grid = cells(hiresSize(request, hires, latent.downscale));
  const piece = cells({ widthPx, heightPx });
  const steps = hires.steps - stepsSkipped(noise.path, hires.steps, hires.strength);
  return { hires, grid, piece, pieces: planPieces(grid, piece), steps };
}

/** @throws FailureError `result-invalid`; the signal's reason when cancelled */
export async function refine(
  job: PictureJob,
  { hires, grid, piece, pieces, steps }: SecondPass,
  first: Pixels,
  seed: number,
  times: StageTimes,
): Promise<Pixels> {
  const { model, request, prompts, signal, emit, index } = job;
  const { channels, downscale } = model.manifest.latent;
  const size = { widthPx: grid.width * downscale, heightPx: grid.height * downscale };
  const large = resample(await enlarged(job, first, size.widthPx), size);
  const shape: LatentShape = [1, channels, grid.height, grid.width];
  const pieceShape: LatentShape = [1, channels, piece.height, piece.width];
  const clean = await encodePieces(job, large, { grid, piece, pieces }, pieceShape);
  const generator = new TorchGenerator(seed);
  const gaussian = () => generator.randn(clean.length);
  const whole = scheduleOf(model, request, hires.steps);
  const skipped = hires.steps - steps;
  const schedule = cutSchedule(whole, skipped);
  const network: Network = { model, request, prompts, shape: pieceShape };
  const latent = await denoise(
    job,
    {
      shape,
      schedule,
      initial: noised(clean, gaussian(), schedule.points[0]!),
      gaussian,
      trace: false,
      together: null,
      progress: {
        stepsBefore: times.stepsMs.length,
        stepsAfter: 0,
        unitsPerStep: pieces.length,
        unitsAfter: 0,
      },
      predict: async (ask) => {
        // Prompts that change on the way are told the same share of the way.
        const step = Math.floor(((ask.step + skipped) / hires.steps) * request.steps);
        const mosaic = new Mosaic(grid, channels);
        for (const place of pieces) {
          await turn();
          signal.throwIfAborted();
          const x = cutPiece(ask.x, grid, place, piece);
          mosaic.add(await predict(network, { ...ask, x, step }), place, piece);
        }
        return mosaic.planes();
      },
    },
    times,
  );
  emit({ kind: 'decode', index });
  const pixelPiece = { width: request.widthPx, height: request.heightPx };
  const mosaic = new Mosaic({ width: size.widthPx, height: size.heightPx }, 3);
  for (const place of pieces) {
    await turn();
    signal.throwIfAborted();
    const rgb = await decode(model, cutPiece(latent, grid, place, piece), pieceShape);
    mosaic.add(rgb, { x: place.x * downscale, y: place.y * downscale }, pixelPiece);
  }
  const rgb = mosaic.planes();
  checkPixels(rgb);
  return pictureOf(size, toRgba(rgb, size.widthPx, size.heightPx));
}

/** Through the upscaler until it is wide enough. */
async function enlarged(
  { enlarge, index, emit }: PictureJob,
  first: Pixels,
  widthPx: number,
): Promise<Pixels> {
  if (enlarge === undefined) throw new Error('There is nothing that enlarges.');
  let pixels = first;
  while (pixels.widthPx < widthPx) {
    pixels = await enlarge(pixels, (tile, tiles) => emit({ kind: 'upscale', index, tile, tiles }));
  }
  return pixels;
}

async function encodePieces(
  { model, signal, emit }: PictureJob,
  large: Pixels,
  { grid, piece, pieces }: Pick<SecondPass, 'grid' | 'piece' | 'pieces'>,
  shape: LatentShape,
): Promise<Float32Array> {
  const { encoder, latent } = model.manifest;
  if (encoder === undefined) throw new Error('The model has no encoder.');
  const session = await model.need(encoder.part, { signal, emit });
  const planes = toPlanes(large);
  const pixelGrid = { width: large.widthPx, height: large.heightPx };
  const pixelPiece = { width: piece.width * latent.downscale, height: piece.height * latent.downscale };
  const mosaic = new Mosaic(grid, latent.channels);
  for (const place of pieces) {
    await turn();
    signal.throwIfAborted();
    const at = { x: place.x * latent.downscale, y: place.y * latent.downscale };
    const { mean } = await encode(model, session, cutPiece(planes, pixelGrid, at, pixelPiece), shape);
    mosaic.add(mean, place, piece);
  }
  return mosaic.planes();
}

/** Makes a picture larger by the upscaler's own factor. */
export type Enlarge = (pixels: Pixels, onTile: (tile: number, tiles: number) => void) => Promise<Pixels>;
