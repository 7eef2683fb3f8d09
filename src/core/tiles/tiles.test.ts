import { describe, expect, it } from 'vitest';
import { cutTile, pasteTile, planTiles, type Tile } from './tiles.ts';

const SIZES = [
  [1, 1],
  [7, 3],
  [64, 64],
  [65, 129],
] as const;
const LIMITS = { maxTilePx: 64, multiplePx: 4, haloPx: 5 };

function noise(widthPx: number, heightPx: number): Uint8ClampedArray {
  let state = 1;
  return Uint8ClampedArray.from({ length: 4 * widthPx * heightPx }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state >> 16;
  });
}

/** Doubles by repeating, after adding to each pixel what lies `reach` to its left: a network of known reach. */
function smear(cut: Float32Array, width: number, height: number, reach: number): Float32Array {
  const answer = new Float32Array(4 * cut.length);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < 2 * height; y++) {
      for (let x = 0; x < 2 * width; x++) {
        const at = (c * height + (y >> 1)) * width;
        const left = (x >> 1) - reach;
        // Outside the piece it sees zeros, as a convolution with zero padding does.
        const seen = left < 0 ? 0 : cut[at + left]!;
        answer[(c * 2 * height + y) * 2 * width + x] = (cut[at + (x >> 1)]! + seen) / 2;
      }
    }
  }
  return answer;
}

function enlarge(
  rgba: Uint8ClampedArray,
  size: { widthPx: number; heightPx: number },
  maxTilePx: number,
  reach: number,
) {
  const { tiles, haloPx } = planTiles(size, { ...LIMITS, maxTilePx });
  const result = new Uint8ClampedArray(4 * rgba.length);
  for (const tile of tiles) {
    const [width, height] = [tile.widthPx + 2 * haloPx, tile.heightPx + 2 * haloPx];
    const answer = smear(cutTile(rgba, size, tile, haloPx), width, height, reach);
    pasteTile(answer, result, size, tile, { haloPx, scale: 2 });
  }
  return result;
}

function sameBytes(a: Uint8ClampedArray, b: Uint8ClampedArray): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

describe('a plan', () => {
  it.each(SIZES)('covers every pixel of %i × %i with tiles of one size on the grid', (widthPx, heightPx) => {
    const { tiles } = planTiles({ widthPx, heightPx }, LIMITS);
    const covered = new Uint8Array(widthPx * heightPx);
    for (const tile of tiles) {
      for (const value of Object.values(tile)) expect(value % LIMITS.multiplePx).toBe(0);
      expect(tile).toMatchObject({ widthPx: tiles[0]!.widthPx, heightPx: tiles[0]!.heightPx });
      expect(Math.max(tile.widthPx, tile.heightPx)).toBeLessThanOrEqual(LIMITS.maxTilePx);
      for (let y = tile.y; y < Math.min(heightPx, tile.y + tile.heightPx); y++) {
        covered.fill(1, y * widthPx + tile.x, y * widthPx + Math.min(widthPx, tile.x + tile.widthPx));
      }
    }
    expect(covered.indexOf(0)).toBe(-1);
  });

  it('is one tile where one is enough, and no more than needed elsewhere', () => {
    expect(planTiles({ widthPx: 64, heightPx: 64 }, LIMITS).tiles).toEqual([
      { x: 0, y: 0, widthPx: 64, heightPx: 64 } satisfies Tile,
    ]);
    expect(planTiles({ widthPx: 256, heightPx: 65 }, LIMITS).tiles).toHaveLength(4 * 2);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a side of %d', (widthPx) => {
    expect(() => planTiles({ widthPx, heightPx: 8 }, LIMITS)).toThrow(RangeError);
  });

  it('refuses tiles smaller than their grid', () => {
    expect(() => planTiles({ widthPx: 8, heightPx: 8 }, { ...LIMITS, maxTilePx: 2 })).toThrow(RangeError);
  });
});

describe('cutting and pasting', () => {
  it.each(SIZES)('gives the whole back for %i × %i when nothing happens in between', (widthPx, heightPx) => {
    const rgba = noise(widthPx, heightPx);
    const result = new Uint8ClampedArray(rgba.length);
    const { tiles, haloPx } = planTiles({ widthPx, heightPx }, LIMITS);
    const all = [0, 1, 2, 3];
    for (const tile of tiles) {
      const cut = cutTile(rgba, { widthPx, heightPx }, tile, haloPx, all);
      pasteTile(cut, result, { widthPx, heightPx }, tile, { haloPx, scale: 1 }, all);
    }
    expect(sameBytes(result, rgba)).toBe(true);
  });

  it('joins tiles without a seam where the halo reaches as far as the network', () => {
    const size = { widthPx: 150, heightPx: 90 };
    const rgba = noise(size.widthPx, size.heightPx);
    const isSeamless = (reach: number) =>
      sameBytes(enlarge(rgba, size, 64, reach), enlarge(rgba, size, 1024, reach));
    expect(isSeamless(LIMITS.haloPx)).toBe(true);
    // A network that sees further than the halo does leave seams.
    expect(isSeamless(LIMITS.haloPx + 1)).toBe(false);
  });

  it('repeats the edge beyond the picture', () => {
    const rgba = Uint8ClampedArray.of(255, 0, 0, 255);
    const tile = { x: 0, y: 0, widthPx: 2, heightPx: 2 };
    const cut = cutTile(rgba, { widthPx: 1, heightPx: 1 }, tile, 1);
    expect([...cut]).toEqual([...Array(16).fill(1), ...Array(32).fill(-1)]);
  });

  it('refuses an answer of another size', () => {
    const tile = { x: 0, y: 0, widthPx: 2, heightPx: 2 };
    const paste = () =>
      pasteTile(new Float32Array(3), new Uint8ClampedArray(64), { widthPx: 2, heightPx: 2 }, tile, {
        haloPx: 0,
        scale: 2,
      });
    expect(paste).toThrow(RangeError);
  });
});
