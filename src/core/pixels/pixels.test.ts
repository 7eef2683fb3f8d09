import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, opaque, type Pixels } from './pixels.ts';
import { contain, cover, resample } from './resample.ts';

function grey(widthPx: number, heightPx: number, at: (x: number, y: number) => number): Pixels {
  const data = new Uint8ClampedArray(widthPx * heightPx);
  for (let i = 0; i < data.length; i++) data[i] = at(i % widthPx, Math.floor(i / widthPx));
  return { data, channels: 1, widthPx, heightPx };
}
const side = fc.integer({ min: 1, max: 40 });

describe('resample', () => {
  it('keeps one colour one colour, at any size', () => {
    fc.assert(
      fc.property(side, side, side, side, fc.integer({ min: 0, max: 255 }), (w, h, toW, toH, value) => {
        const { data } = resample(
          grey(w, h, () => value),
          { widthPx: toW, heightPx: toH },
        );
        expect(data.length).toBe(toW * toH);
        expect(data.every((byte) => byte === value)).toBe(true);
      }),
    );
  });

  it('is nothing at the same size, and finds a slope again', () => {
    const slope = grey(16, 4, (x) => 10 * x + 20);
    expect(resample(slope, slope)).toBe(slope);
    const half = resample(slope, { widthPx: 8, heightPx: 4 });
    for (let x = 2; x < 6; x++) expect(half.data[x]).toBeCloseTo(20 * x + 25, -0.5);
  });
});

describe('the ways to fit', () => {
  const picture = grey(40, 20, (x) => (x < 10 ? 0 : x < 30 ? 100 : 255));

  it('crop keeps the middle', () => {
    const { data } = cover(picture, { widthPx: 20, heightPx: 20 });
    expect(data.slice(3, 17).every((byte) => byte === 100)).toBe(true);
  });

  it('pad keeps all and goes on at the edges', () => {
    const { data, widthPx, heightPx } = contain(picture, { widthPx: 40, heightPx: 40 });
    expect([widthPx, heightPx]).toEqual([40, 40]);
    expect([data[0], data[20], data[39], data[39 * 40 + 39]]).toEqual([0, 100, 255, 255]);
  });
});

describe('cut', () => {
  it('goes on beyond the edges, or stops there', () => {
    const dot = grey(2, 1, (x) => 50 + x);
    expect([...cut(dot, { x: -1, y: 0, widthPx: 4, heightPx: 1 }).data]).toEqual([50, 50, 51, 51]);
    expect([...cut(dot, { x: -1, y: 0, widthPx: 4, heightPx: 1 }, 9).data]).toEqual([9, 50, 51, 9]);
  });
});

it('lays transparency over white', () => {
  const data = new Uint8ClampedArray([0, 0, 0, 0, 100, 0, 0, 128, 1, 2, 3, 255]);
  expect([...opaque({ data, channels: 4, widthPx: 3, heightPx: 1 }).data]).toEqual([
    255, 255, 255, 255, 177, 127, 127, 255, 1, 2, 3, 255,
  ]);
});
