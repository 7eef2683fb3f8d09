import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHalves } from './half.ts';

/** IEEE 754 binary16, decoded from its definition. */
function decode(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const convert = (...values: number[]) => toHalves(Float32Array.from(values));
const all = Array.from({ length: 0x10000 }, (_, bits) => bits);

test('every float16 keeps its bits', () => {
  const numbers = all.filter((bits) => !Number.isNaN(decode(bits)));
  const { bits, losses } = convert(...numbers.map(decode));
  expect([...bits]).toEqual(numbers);
  expect(losses.saturated + losses.flushed).toBe(0);
});

test('rounds to the nearest, and half-way to even', () => {
  const finite = all.slice(0, 0x7c00);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: finite.length - 2 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (low, t) => {
        const [a, b] = [decode(low), decode(low + 1)];
        const value = Math.fround(a + (b - a) * t);
        const middle = (a + b) / 2;
        const expected = value < middle || (value === middle && low % 2 === 0) ? low : low + 1;
        expect(convert(value, -value).bits).toEqual(Uint16Array.of(expected, expected | 0x8000));
      },
    ),
    { numRuns: 2000 },
  );
});

test('counts what is lost, and never makes infinity from a number', () => {
  const { bits, losses } = convert(
    65504,
    65519,
    65520,
    3.4e38,
    -1e6,
    1e-8,
    -0,
    3e-5,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  );
  expect([...bits].map(decode).slice(0, 5)).toEqual([65504, 65504, 65504, 65504, -65504]);
  expect([...bits].slice(5)).toEqual([0, 0x8000, bits[7], 0xfc00, 0x7e00]);
  expect(losses).toEqual({ saturated: 3, flushed: 1, subnormal: 1 });
});
