/** DPM-Solver++(2M): Lu et al. (2022), arXiv 2211.01095, algorithm 2. */
import { combine, type Term } from '../math/vector.ts';
import { asItIs, legs, logSnr, type Start, type Walk } from './schedule.ts';

export function* dpmpp2m({ schedule, initial, settle = asItIs }: Start): Walk {
  let x = initial;
  let last: { data: Float32Array; lambda: number } | null = null;
  for (const { from, to, step, steps } of legs(schedule)) {
    const data = yield { ...from, x, step, steps };
    const lambda = logSnr(from);
    const h = logSnr(to) - lambda;
    const gain = to.alpha * -Math.expm1(-h);
    const terms: [Term, ...Term[]] = [
      [to.sigma / from.sigma, x],
      [gain, data],
    ];
    // The first step has no past; the last, to a clean latent, is exact without one.
    if (last !== null && to.sigma > 0) {
      const slope = ((gain / 2) * h) / (lambda - last.lambda);
      terms.push([slope, data], [-slope, last.data]);
    }
    x = settle(combine(...terms), to);
    last = { data, lambda };
  }
  return x;
}
