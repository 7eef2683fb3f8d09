import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { TorchGenerator } from '../math/torch-random.ts';
import { slerp } from './slerp.ts';

const shape = [1, 4, 8, 6];
const noise = (seed: number) => new TorchGenerator(seed).randn(4 * 8 * 6);
const column = (latent: Float32Array, i: number) =>
  Array.from({ length: 8 }, (_, row) => latent[Math.floor(i / 6) * 48 + row * 6 + (i % 6)]!);
const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const angle = (a: number[], b: number[]) => Math.acos(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)));
const unit = (a: number[]) => a.map((value) => value / Math.sqrt(dot(a, a)));

it('walks each column of each channel along the great circle of its two ends', () => {
  const seeds = fc.integer({ min: 0, max: 4_294_967_295 });
  fc.assert(
    fc.property(seeds, seeds, fc.double({ min: 0.05, max: 0.95, noNaN: true }), (a, b, share) => {
      fc.pre(a !== b);
      const [from, to] = [noise(a), noise(b)];
      const mixed = slerp(share, from, to, shape);
      for (const i of [0, 7, 23]) {
        const ends = [column(from, i), column(to, i)] as const;
        const whole = angle(...ends);
        // By their shares of the angle, and of lengths that differ; on the unit circle both are exact.
        const [u, v] = [unit(ends[0]), unit(ends[1])];
        const expected = ends[0].map(
          (value, k) =>
            (Math.sin((1 - share) * whole) * value + Math.sin(share * whole) * ends[1][k]!) / Math.sin(whole),
        );
        column(mixed, i).forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, 4));
        const circle = u.map(
          (value, k) =>
            (Math.sin((1 - share) * whole) * value + Math.sin(share * whole) * v[k]!) / Math.sin(whole),
        );
        expect(angle(u, circle)).toBeCloseTo(share * whole, 4);
      }
    }),
    { numRuns: 20 },
  );
});

it('is its ends at its ends, and a straight line where both are nearly one', () => {
  const [from, to] = [noise(1), noise(2)];
  slerp(0, from, to, shape).forEach((value, i) => expect(value).toBeCloseTo(from[i]!, 5));
  slerp(1, from, to, shape).forEach((value, i) => expect(value).toBeCloseTo(to[i]!, 5));
  const near = from.map((value) => value * 1.001);
  slerp(0.5, from, near, shape).forEach((value, i) => expect(value).toBeCloseTo(from[i]! * 1.0005, 5));
});
