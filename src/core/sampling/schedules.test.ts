import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Noise } from '../models/manifest.ts';
import { SAMPLERS, type SamplerId } from './samplers.ts';
import type { ScheduleId } from './schedule.ts';
import { makeSchedule, SCHEDULES } from './schedules.ts';

const stable: Noise = {
  path: 'diffusion',
  prediction: 'epsilon',
  trainTimesteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  rescaleZeroSnr: false,
  stepsOffset: 1,
  finalAlphaOne: true,
};
const straight: Noise = { path: 'flow', prediction: 'v_prediction', trainTimesteps: 1000, shift: 3 };

const pairs = [stable, straight].flatMap((noise) =>
  Object.values(SAMPLERS)
    .filter(({ paths }) => paths.includes(noise.path))
    .flatMap(({ id: sampler }) =>
      Object.values(SCHEDULES)
        .filter(({ paths }) => paths.includes(noise.path))
        .map(({ id: schedule }) => ({ noise, sampler, schedule })),
    ),
);

test.each(pairs)('$noise.path $sampler $schedule: noise falls at every step, on the path', (pair) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (steps) => {
      const { points, initialScale } = makeSchedule({ ...pair, steps });
      expect(points).toHaveLength(steps + 1);
      expect(initialScale).toBeGreaterThan(0);
      const faults = points.filter(({ alpha, sigma, timestep }, i) => {
        const size = pair.noise.path === 'flow' ? alpha + sigma : alpha ** 2 + sigma ** 2;
        // Rounded to whole timesteps, two neighbours near the end may be one.
        const rises = i > 0 && sigma > points[i - 1]!.sigma;
        return Math.abs(size - 1) > 1e-6 || !(timestep >= 0) || rises;
      });
      expect(faults).toEqual([]);
    }),
    { numRuns: 10 },
  );
});

function timesteps(schedule: ScheduleId, sampler: SamplerId, steps: number, noise = stable): number[] {
  return makeSchedule({ noise, schedule, sampler, steps })
    .points.slice(0, -1)
    .map(({ timestep }) => Math.round(timestep * 100) / 100);
}

test.each([
  ['normal', 'euler', [999, 666, 333, 0]],
  ['normal', 'dpmpp-2m', [999, 749, 500, 250]],
  ['trailing', 'ddim', [999, 749, 499, 249]],
  ['leading', 'ddim', [751, 501, 251, 1]],
  ['leading', 'unipc', [801, 601, 401, 201]],
  ['simple', 'euler', [999, 749, 499, 249]],
  ['sgm-uniform', 'euler', [999, 749.25, 499.5, 249.75]],
  ['normal', 'lcm', [999, 759, 499, 259]],
] as const)('%s for %s has the timesteps of the literature', (schedule, sampler, expected) => {
  expect(timesteps(schedule, sampler, 4)).toEqual(expected);
});

test('halves round to the even timestep, as numpy rounds them', () => {
  // 937.5 and 812.5, then one less.
  expect(timesteps('trailing', 'ddim', 16).slice(0, 4)).toEqual([999, 937, 874, 811]);
});

test('a shift of 3 keeps a flow longer near the noise', () => {
  expect(timesteps('trailing', 'flow-euler', 4, straight)).toEqual([1000, 900, 750, 500]);
});

test('a single step starts at the noise', () => {
  for (const pair of pairs) {
    if (pair.schedule === 'leading') continue;
    expect(makeSchedule({ ...pair, steps: 1 }).points[0]!.sigma).toBeGreaterThan(0.99);
  }
});

test('what does not fit is refused', () => {
  const request = { noise: straight, schedule: 'normal', sampler: 'flow-euler', steps: 4 } as const;
  expect(() => makeSchedule({ ...request, sampler: 'ddim' })).toThrow('"ddim" is not for the flow path');
  expect(() => makeSchedule({ ...request, schedule: 'leading' })).toThrow('"leading"');
  for (const steps of [0, 1.5, 1001]) expect(() => makeSchedule({ ...request, steps })).toThrow(RangeError);
});
