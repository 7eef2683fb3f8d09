/** Euler's method along the ordinary differential equation of the path: Karras et al. (2022), algorithm 1 without its noise. */
import { combine } from '../math/vector.ts';
import { asItIs, legs, type Start, type Walk } from './schedule.ts';

/**
 * With the data held fixed over a step this is exact, on either path, and the same as DDIM without noise
 * (Song et al. 2021, eq. 12): the noise shrinks from sigma to sigma', and the data makes up the rest.
 */
export function* euler({ schedule, initial, settle = asItIs }: Start): Walk {
  let x = initial;
  for (const { from, to, step, steps } of legs(schedule)) {
    const data = yield { ...from, x, step, steps };
    const kept = to.sigma / from.sigma;
    x = settle(combine([kept, x], [to.alpha - kept * from.alpha, data]), to);
  }
  return x;
}
