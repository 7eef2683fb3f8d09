/** Heun's second-order method: Karras et al. (2022), algorithm 1 without its noise. */
import { combine } from '../math/vector.ts';
import { type Level, legs, type Start, type Walk } from './schedule.ts';

export function* heun({ schedule, initial }: Start): Walk {
  // A line between data and noise is straight where the data's share is fixed: on the diffusion path that is
  // x/alpha against sigma/alpha, on the flow path the latent itself against sigma.
  const unit = ({ alpha }: Level) => (schedule.path === 'diffusion' ? alpha : 1);
  const slope = (x: Float32Array, data: Float32Array, at: Level) =>
    combine([1 / at.sigma, x], [-unit(at) / at.sigma, data]);
  let x = initial;
  for (const { from, to, step, steps } of legs(schedule)) {
    const data = yield { ...from, x, step, steps };
    if (to.sigma === 0) return data;
    const kept = unit(to) / unit(from);
    const stride = to.sigma - kept * from.sigma;
    const first = slope(x, data, from);
    const ahead = combine([kept, x], [stride, first]);
    const second = slope(ahead, yield { ...to, x: ahead, step, steps }, to);
    x = combine([kept, x], [stride / 2, first], [stride / 2, second]);
  }
  return x;
}
