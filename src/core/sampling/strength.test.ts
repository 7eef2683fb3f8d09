import { expect, it } from 'vitest';
import {
  cutSchedule,
  leastStrength,
  noised,
  stepsSkipped,
  stepsToShow,
  stepsWithSource,
} from './strength.ts';

function walked(path: 'diffusion' | 'flow', steps: number, strength: number): number {
  return steps - stepsSkipped(path, steps, strength);
}

it('counts steps as the reference does: down on the diffusion path, up on the flow path', () => {
  expect([0.1, 0.5, 0.7, 0.99, 1].map((strength) => walked('diffusion', 5, strength))).toEqual([
    0, 2, 3, 4, 5,
  ]);
  expect([0.1, 0.5, 0.7, 0.99, 1].map((strength) => walked('flow', 5, strength))).toEqual([1, 3, 4, 5, 5]);
  // Python's int(0.29 * 100) is 28 as well.
  expect(walked('diffusion', 100, 0.29)).toBe(28);
});

it('knows the least strength that walks a step', () => {
  for (const path of ['diffusion', 'flow'] as const) {
    for (const steps of [1, 3, 4, 7, 50]) {
      const least = leastStrength(path, steps);
      expect(stepsSkipped(path, steps, least)).toBeLessThan(steps);
      if (least > 0.01) expect(stepsSkipped(path, steps, least - 0.01)).toBe(steps);
    }
  }
});

it('knows how many steps a source needs to be seen at all', () => {
  expect([0.5, 0.6, 0.7, 0.75, 0.9].map((strength) => stepsToShow('flow', strength))).toEqual([
    2, 3, 4, 4, 10,
  ]);
  expect([0.5, 0.6, 0.75].map((strength) => stepsToShow('diffusion', strength))).toEqual([2, 2, 2]);
  for (const path of ['diffusion', 'flow'] as const) {
    for (const strength of [0.05, 0.3, 0.6, 0.95]) {
      const steps = stepsToShow(path, strength)!;
      expect(walked(path, steps, strength)).toBeGreaterThan(0);
      expect(walked(path, steps, strength)).toBeLessThan(steps);
    }
    expect(stepsToShow(path, 1)).toBeNull();
  }
  expect(stepsWithSource('flow', 0.6, 1, 50)).toBe(3);
  expect(stepsWithSource('flow', 0.6, 8, 50)).toBe(8);
  expect(stepsWithSource('flow', 0.9, 1, 4), 'the model has no more').toBe(4);
  expect(stepsWithSource('flow', 1, 1, 50)).toBe(1);
});

it('cuts a schedule at its start and noises to a point', () => {
  const points = [3, 2, 1, 0].map((n) => ({ timestep: n, alpha: 1 - n / 4, sigma: n / 4 }));
  const cut = cutSchedule({ path: 'flow', points, initialScale: 1 }, 2);
  expect(cut.points).toEqual(points.slice(2));
  expect([...noised(Float32Array.of(8, 4), Float32Array.of(0, 4), points[1]!)]).toEqual([4, 4]);
});
