import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pixels } from '#core/pixels/pixels.ts';
import { filled } from './fill.ts';
import { boundsOf, cellsOf, composite, maskOf, regionOf, softened, softReachPx } from './mask.ts';

/** A mask, and a picture, drawn with characters: `#` is masked. */
function mask(...rows: string[]): Pixels {
  const data = Uint8ClampedArray.from(rows.join(''), (character) => (character === '#' ? 255 : 0));
  return { data, channels: 1, widthPx: rows[0]!.length, heightPx: rows.length };
}
function flat(widthPx: number, heightPx: number, colour: number): Pixels {
  const data = new Uint8ClampedArray(4 * widthPx * heightPx).fill(colour);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { data, channels: 4, widthPx, heightPx };
}

describe('a mask', () => {
  it('is what is light and not transparent', () => {
    const data = new Uint8ClampedArray([255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 0, 0, 255]);
    expect([...maskOf({ data, channels: 4, widthPx: 4, heightPx: 1 }).data]).toEqual([255, 0, 0, 76]);
  });

  it('has bounds where it has anything', () => {
    expect(boundsOf(mask('....', '.##.', '..#.'))).toEqual({ x: 1, y: 1, widthPx: 2, heightPx: 2 });
    expect(boundsOf(mask('...', '...'))).toBeNull();
  });

  it('draws every cell anew that it touches', () => {
    expect([...cellsOf(mask('....', '.#..', '....', '....'), 2)]).toEqual([1, 0, 0, 0]);
    expect([...cellsOf(mask('...#', '....', '#...', '....'), 2)]).toEqual([0, 1, 1, 0]);
  });
});

describe('the region of a mask', () => {
  const drawn = { widthPx: 64, heightPx: 64 };
  it('has padding and the shape that is drawn', () => {
    const bounds = { x: 40, y: 50, widthPx: 20, heightPx: 10 };
    expect(regionOf(bounds, 4, { widthPx: 200, heightPx: 200 }, drawn)).toEqual({
      x: 36,
      y: 41,
      widthPx: 28,
      heightPx: 28,
    });
  });

  it('lies in the picture and holds all that is masked, wherever that is', () => {
    const picture = { widthPx: 120, heightPx: 90 };
    const at = fc.tuple(
      fc.integer({ min: 0, max: 119 }),
      fc.integer({ min: 0, max: 89 }),
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 1, max: 90 }),
    );
    fc.assert(
      fc.property(at, fc.integer({ min: 0, max: 64 }), ([x, y, width, height], padding) => {
        const widthPx = Math.min(width, 120 - x);
        const heightPx = Math.min(height, 90 - y);
        const region = regionOf({ x, y, widthPx, heightPx }, padding, picture, { widthPx: 32, heightPx: 48 });
        expect(region.x).toBeGreaterThanOrEqual(0);
        expect(region.y).toBeGreaterThanOrEqual(0);
        expect(region.x).toBeLessThanOrEqual(x);
        expect(region.y).toBeLessThanOrEqual(y);
        expect(region.x + region.widthPx).toBeGreaterThanOrEqual(x + widthPx);
        expect(region.y + region.heightPx).toBeGreaterThanOrEqual(y + heightPx);
        expect(region.x + region.widthPx).toBeLessThanOrEqual(120);
        expect(region.y + region.heightPx).toBeLessThanOrEqual(90);
      }),
    );
  });
});

describe('the soft edge', () => {
  const line = mask(`${'.'.repeat(30)}####${'.'.repeat(30)}`);

  it('lies outside of what is masked and ends where it says', () => {
    for (const sigma of [1, 3, 8]) {
      const { data } = softened(line, sigma);
      expect(Array.from(data.subarray(30, 34))).toEqual([255, 255, 255, 255]);
      expect(data[29]).toBeGreaterThan(0);
      const reach = softReachPx(sigma);
      for (let i = 0; i < 30 - reach; i++) expect(data[i]).toBe(0);
      for (let i = 1; i < 30; i++) expect(data[i]).toBeGreaterThanOrEqual(data[i - 1]!);
    }
  });

  it('is none without a blur', () => expect(softened(line, 0)).toBe(line));
});

describe('composite', () => {
  it('leaves every byte without mask as it was', () => {
    const old = flat(3, 2, 10);
    const result = composite(old, flat(2, 2, 200), mask('.#.', '..#'), { x: 1, y: 0 });
    expect(Array.from({ length: 6 }, (_, i) => result.data[4 * i])).toEqual([10, 200, 10, 10, 10, 200]);
    expect(old.data[4]).toBe(10);
  });
});

describe('filled', () => {
  it('takes the colours around and leaves the rest', () => {
    const picture = flat(6, 5, 90);
    picture.data.set([255, 0, 0, 255], 4 * 14);
    const result = filled(picture, mask('......', '......', '..#...', '......', '......'));
    expect(Array.from(result.data.subarray(56, 60))).toEqual([90, 90, 90, 255]);
    expect(result.data.slice(0, 56)).toEqual(picture.data.slice(0, 56));
  });

  it('knows no colour where all is masked', () => {
    const { data } = filled(flat(3, 3, 200), mask('###', '###', '###'));
    expect([data[0], data[16]]).toEqual([128, 128]);
  });
});
