/** The upscaler that ships, on the CPU, in Node. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUpscaler, type UpscalerManifest } from '#core/models/upscaler.ts';
import { openSession, type Session } from '../runtime/ort.ts';
import { prepareGraph } from './prepare-graph.ts';
import { type OpenUpscaler, upscalePixels } from './upscale.ts';

const FOLDER = join(import.meta.dirname, '../../public/models/upscaler');

let manifest: UpscalerManifest;
let session: Session;

beforeAll(async () => {
  const parsed = parseUpscaler(JSON.parse(readFileSync(join(FOLDER, 'manifest.json'), 'utf8')));
  if (!parsed.ok) throw new Error(parsed.reason);
  manifest = parsed.manifest;
  const { graph, weights } = manifest.parts[manifest.part]!.variants[0]!;
  const external = weights.map((path) => ({ path, data: bytes(path) }));
  const files = await prepareGraph(manifest.part, { graph: bytes(graph), external }, false);
  session = await openSession({ ...files, gpu: null, strictGpu: false });
});

afterAll(() => session.release());

function bytes(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(join(FOLDER, path)));
}

/** A red disc, its edge drawn smoothly, on blue or on nothing. */
function disc(widthPx: number, heightPx: number, ground: 'blue' | 'nothing' = 'blue'): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray(4 * widthPx * heightPx);
  const radius = 0.35 * Math.min(widthPx, heightPx);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const distance = Math.hypot(x + 0.5 - widthPx / 2, y + 0.5 - heightPx / 2);
      const inside = Math.min(1, Math.max(0, radius - distance + 0.5));
      const onBlue = [220 * inside + 20, 60, 230 - 200 * inside, 255];
      const onNothing = inside === 0 ? [0, 0, 0, 0] : [240, 60, 30, 255 * inside];
      rgba.set(ground === 'blue' ? onBlue : onNothing, 4 * (y * widthPx + x));
    }
  }
  return rgba;
}

async function upscale(rgba: Uint8ClampedArray, widthPx: number, heightPx: number, changes = {}) {
  const upscaler: OpenUpscaler = { manifest: { ...manifest, ...changes }, session };
  const told: number[][] = [];
  const pixels = await upscalePixels(
    upscaler,
    rgba,
    { widthPx, heightPx },
    { signal: new AbortController().signal, onTile: (...of) => told.push(of) },
  );
  return { pixels, told };
}

/** The bare graph on one piece, [3, height, width]. */
async function run(data: Float32Array, width: number, height: number): Promise<Float32Array> {
  const { input, output } = manifest;
  return (await session.run({ [input]: { data, dims: [1, 3, height, width] } }, [output]))[output]!.data;
}

/** Pixels `margin` and more from the edge of what a piece of the same picture gives, against the whole. */
async function seam(margin: number): Promise<number> {
  const side = 96;
  const plane = side * side;
  const data = Float32Array.from({ length: 3 * plane }, (_, i) => Math.sin(i * 12.9898) * 0.9);
  const whole = await run(data, side, side);
  const piece = new Float32Array(3 * side * (side / 2));
  for (let row = 0; row < 3 * side; row++) {
    piece.set(data.subarray(row * side, row * side + side / 2), (row * side) / 2);
  }
  const part = await run(piece, side / 2, side);
  let largest = 0;
  for (let row = 0; row < 6 * side; row++) {
    for (let x = 0; x < side - 2 * margin; x++) {
      largest = Math.max(largest, Math.abs(whole[row * 2 * side + x]! - part[row * side + x]!));
    }
  }
  return largest;
}

function largestDifference(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  let largest = a.length === b.length ? 0 : 255;
  for (const [i, value] of a.entries()) largest = Math.max(largest, Math.abs(value - b[i]!));
  return largest;
}

function meanSquare(values: number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length;
}

describe('the graph', () => {
  it('sees no further than the halo: beyond it a piece answers as the whole does, to 1e-4', async () => {
    expect(await seam(manifest.haloPx)).toBeLessThan(1e-4);
    expect(await seam(manifest.haloPx / 4)).toBeGreaterThan(1e-4);
  });
});

describe('a picture', () => {
  it('comes out the same in tiles as in one piece, also of odd size', async () => {
    const [width, height] = [75, 52];
    const rgba = disc(width, height);
    const whole = await upscale(rgba, width, height);
    const tiled = await upscale(rgba, width, height, { tilePx: 32 });
    expect(whole.told).toEqual([[1, 1]]);
    expect(tiled.told).toEqual([1, 2, 3, 4, 5, 6].map((tile) => [tile, 6]));
    // One level: a value that lies on the rounding edge may fall on either side of it.
    expect(largestDifference(tiled.pixels, whole.pixels)).toBeLessThanOrEqual(1);
    const seams = await upscale(rgba, width, height, { tilePx: 32, haloPx: 2 });
    expect(largestDifference(seams.pixels, whole.pixels)).toBeGreaterThan(1);
  });

  it('is the picture of twice the size, nearer to it than repeated pixels are', async () => {
    const side = 64;
    const truth = disc(2 * side, 2 * side);
    const small = new Uint8ClampedArray(4 * side * side);
    const repeated = new Uint8ClampedArray(truth.length);
    for (let i = 0; i < truth.length; i++) {
      const [channel, x, y] = [i % 4, (i >> 2) % (2 * side), Math.floor(i / 8 / side)];
      const at = 4 * ((y >> 1) * side + (x >> 1)) + channel;
      const corner = 4 * (2 * (y >> 1) * 2 * side + 2 * (x >> 1)) + channel;
      const sum =
        truth[corner]! + truth[corner + 4]! + truth[corner + 8 * side]! + truth[corner + 8 * side + 4]!;
      small[at] = sum / 4;
      repeated[i] = sum / 4;
    }
    const { pixels } = await upscale(small, side, side);
    const error = (made: Uint8ClampedArray) => meanSquare(Array.from(made, (value, i) => value - truth[i]!));
    expect(error(pixels)).toBeLessThan(error(repeated) / 2);
  });

  it('keeps its transparency, and no colour bleeds out of what is not seen', async () => {
    const side = 48;
    const { pixels } = await upscale(disc(side, side, 'nothing'), side, side);
    const row = Array.from({ length: 2 * side }, (_, x) => {
      const at = 4 * (side * 2 * side + x);
      return { red: pixels[at]!, alpha: pixels[at + 3]! };
    });
    expect(row[0]!.alpha).toBeLessThan(4);
    expect(row[side]).toMatchObject({ alpha: 255 });
    const rim = row.filter(({ alpha }) => alpha > 64 && alpha < 224);
    expect(rim.length).toBeGreaterThan(0);
    // The unseen ground is black: mixed with it, half of the red would be gone.
    for (const { red } of rim) expect(red).toBeGreaterThan(200);
  });

  it('is refused before anything is allocated when the result would be too large', async () => {
    const { maxResultPx } = manifest;
    const widthPx = maxResultPx / 2 + 1;
    await expect(upscale(new Uint8ClampedArray(0), widthPx, 8)).rejects.toMatchObject({
      failure: { code: 'picture-too-large', widthPx, heightPx: 8, maxPx: maxResultPx / 2 },
    });
  });

  it('stops between two tiles', async () => {
    const controller = new AbortController();
    const done: number[] = [];
    const stopped = upscalePixels(
      { manifest: { ...manifest, tilePx: 16 }, session },
      disc(64, 64),
      { widthPx: 64, heightPx: 64 },
      {
        signal: controller.signal,
        onTile: (tile) => {
          done.push(tile);
          if (tile === 2) controller.abort(new Error('enough'));
        },
      },
    );
    await expect(stopped).rejects.toThrow('enough');
    expect(done).toEqual([1, 2]);
  });
});
