/** Strategic stochastic sampling of trajectory consistency models: Zheng et al. (2024), arXiv 2402.19159, algorithm 4. */
import { combine } from '../math/vector.ts';
import { alphaBars, type DiffusionNoise, levelAt } from './noise-levels.ts';
import { asItIs, legs, type Start, type Walk } from './schedule.ts';

/** γ of the paper, the reference's `eta`: how far below the next timestep each step goes before noise brings it back. */
const GAMMA = 0.3;

const { fround } = Math;

export function* tcd({
  schedule,
  initial,
  gaussian,
  settle = asItIs,
  noise,
}: Start & { noise: DiffusionNoise }): Walk {
  const bars = alphaBars(noise);
  let x = initial;
  for (const { from, to, step, steps } of legs(schedule)) {
    const data = yield { ...from, x, step, steps };
    // In float32 as the reference has it: 0.7 · 90 is 63 there, and in double precision a little less.
    const below = levelAt(bars, Math.floor(fround(fround(1 - GAMMA) * to.timestep)));
    const kept = below.sigma / from.sigma;
    x = combine([kept, x], [below.alpha - kept * from.alpha, data]);
    if (step === steps - 1) return settle(x, to);
    const share = to.alpha / below.alpha;
    x = settle(combine([share, x], [Math.sqrt(1 - share * share), gaussian()]), to);
  }
  return x;
}
