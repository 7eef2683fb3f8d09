import { expect, test } from 'vitest';
import { combine, deviation } from './vector.ts';

test('a combination is the sum of its scaled latents and leaves them alone', () => {
  const x = Float32Array.of(1, 2);
  const y = Float32Array.of(10, -10);
  expect(combine([2, x], [0.5, y])).toEqual(Float32Array.of(7, -1));
  expect(x).toEqual(Float32Array.of(1, 2));
});

test('the deviation divides by n - 1', () => {
  expect(deviation(Float32Array.of(1, 2, 3, 4))).toBeCloseTo(Math.sqrt(5 / 3), 12);
});
