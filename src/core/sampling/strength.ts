/** Walks that begin part of the way: a source's latent, noised to where the walk sets in. */
import { combine } from '../math/vector.ts';
import type { Noise } from '../models/manifest.ts';
import type { Point, Schedule } from './schedule.ts';

/**
 * How many steps of a schedule a strength leaves out, as the reference's image-to-image pipelines count: those of
 * the diffusion path round the steps that are walked down, those of the flow path up.
 * @param strength 0 to 1
 */
export function stepsSkipped(path: Noise['path'], steps: number, strength: number): number {
  const walked = steps * strength;
  return Math.max(path === 'flow' ? Math.floor(steps - walked) : steps - Math.floor(walked), 0);
}

/** The least strength, in hundredths, that walks one step. */
export function leastStrength(path: Noise['path'], steps: number): number {
  for (let hundredths = 1; hundredths < 100; hundredths++) {
    if (stepsSkipped(path, steps, hundredths / 100) < steps) return hundredths / 100;
  }
  return 1;
}

/** The same walk without its first `skipped` steps. The noise of its start is then the point's own. */
export function cutSchedule(schedule: Schedule, skipped: number): Schedule {
  return { ...schedule, points: schedule.points.slice(skipped) };
}

/** A clean latent with so much noise as a point has: the reference's `add_noise` and `scale_noise`. */
export function noised(clean: Float32Array, noise: Float32Array, { alpha, sigma }: Point): Float32Array {
  return combine([alpha, clean], [sigma, noise]);
}
