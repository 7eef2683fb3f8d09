/** Heun's second-order method: Karras et al. (2022), algorithm 1 without its noise. */
import { combine, type Term } from '../math/vector.ts';
import { asItIs, type Level, legs, type Start, type Walk } from './schedule.ts';

/**
 * An Euler step to where the data is asked for again; then half of what the change of the data does to the slope.
 * Written out so, the large and nearly equal numbers of a steep start cancel on paper and not in float32.
 */
export function* heun({ schedule, initial, settle = asItIs }: Start): Walk {
  // Slopes are taken along x/alpha against sigma/alpha on the diffusion path, along x against sigma on the flow path.
  const unit = ({ alpha }: Level) => (schedule.path === 'diffusion' ? alpha : 1);
  let x = initial;
  for (const { from, to, step, steps } of legs(schedule)) {
    const data = yield { ...from, x, step, steps };
    if (to.sigma === 0) return settle(data, to);
    const kept = to.sigma / from.sigma;
    const ahead = combine([kept, x], [to.alpha - kept * from.alpha, data]);
    const settled = settle(ahead, to);
    const dataAhead = yield { ...to, x: settled, step, steps };
    const distance = to.sigma / unit(to) - from.sigma / unit(from);
    const half = (distance * unit(to) ** 2) / to.sigma / 2;
    const terms: [Term, ...Term[]] = [
      [1, ahead],
      [half, data],
      [-half, dataAhead],
    ];
    // Where the latent ahead was moved, the slope there is that of where it was moved to.
    if (settled !== ahead) terms.push([half / unit(to), settled], [-half / unit(to), ahead]);
    x = settle(combine(...terms), to);
  }
  return x;
}
