import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHalf, fromHalves, toHalf, toHalves } from './half.ts';

test('every half comes back from its number', () => {
  const lost = Array.from({ length: 65_536 }, (_, half) => half).filter((half) => {
    const isNan = (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
    return toHalf(fromHalf(half)) !== (isNan ? 0x7e00 : half);
  });
  expect(lost).toEqual([]);
});

test.each([
  [1, 0x3c00],
  [-2, 0xc000],
  [65_504, 0x7bff],
  [65_519.996, 0x7bff],
  [65_520, 0x7c00],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000],
  [2 ** -25 * 1.0001, 0x0001],
  [2 ** -14 - 2 ** -25, 0x0400],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [-0, 0x8000],
  [Number.NEGATIVE_INFINITY, 0xfc00],
])('%s is %i', (value, half) => expect(toHalf(value)).toBe(half));

test('the half of a float is the nearest one, and the even one of two as near', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, min: -65_519, max: 65_519 }), (value) => {
      const half = toHalf(value);
      const error = Math.abs(fromHalf(half) - value);
      for (const neighbour of [half - 1, half + 1]) {
        // Beyond zero and infinity lies the other sign.
        if ((neighbour & 0x7c00) === 0x7c00 || (neighbour & 0x8000) !== (half & 0x8000)) continue;
        const other = Math.abs(fromHalf(neighbour) - value);
        expect(other > error || (other === error && half % 2 === 0)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test('arrays convert element by element', () => {
  const values = Float32Array.of(0.5, -3.25, 1000);
  expect(fromHalves(toHalves(values))).toEqual(values);
});
