/** Walks that begin part of the way: a source's latent, noised to where the walk sets in. */
import { combine } from '../math/vector.ts';
import type { Noise } from '../models/manifest.ts';
import type { Point, Schedule } from './schedule.ts';

const MOST_STEPS = 1_000;

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

/**
 * The fewest steps that set in part of the way at this strength: with fewer the walk begins at noise, and nothing is
 * seen of the source. Null where no number of steps helps: at strength 1, and below what 1,000 steps can walk.
 */
export function stepsToShow(path: Noise['path'], strength: number): number | null {
  for (let steps = 2; steps <= MOST_STEPS; steps++) {
    const skipped = stepsSkipped(path, steps, strength);
    if (skipped > 0 && skipped < steps) return steps;
  }
  return null;
}

/** As many steps as are asked for, or as it takes until anything of a source is seen, within what the model has. */
export function stepsWithSource(path: Noise['path'], strength: number, asked: number, most: number): number {
  return Math.max(asked, Math.min(stepsToShow(path, strength) ?? asked, most));
}

/** The same walk without its first `skipped` steps. The noise of its start is then the point's own. */
export function cutSchedule(schedule: Schedule, skipped: number): Schedule {
  return { ...schedule, points: schedule.points.slice(skipped) };
}

/** A clean latent with so much noise as a point has: the reference's `add_noise` and `scale_noise`. */
export function noised(clean: Float32Array, noise: Float32Array, { alpha, sigma }: Point): Float32Array {
  return combine([alpha, clean], [sigma, noise]);
}
