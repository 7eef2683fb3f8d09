/** Euler steps that overshoot and add noise back: k-diffusion's `sample_euler_ancestral` with eta 1. */
import { combine } from '../math/vector.ts';
import { asItIs, legs, type Start, type Walk } from './schedule.ts';

export function* eulerAncestral({ schedule, initial, gaussian, settle = asItIs }: Start): Walk {
  let x = initial;
  for (const { from, to, step, steps } of legs(schedule)) {
    const data = yield { ...from, x, step, steps };
    if (to.sigma === 0) return settle(data, to);
    const before = from.sigma / from.alpha;
    const after = to.sigma / to.alpha;
    // The ratio falls to after²/before; noise of √(after² − after⁴/before²) brings it up to `after`.
    const kept = (after / before) ** 2;
    const added = after * Math.sqrt(1 - kept);
    const next = combine(
      [(to.alpha * kept) / from.alpha, x],
      [to.alpha * (1 - kept), data],
      [to.alpha * added, gaussian()],
    );
    x = settle(next, to);
  }
  return x;
}
