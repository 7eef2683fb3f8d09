/** SDE-DPM-Solver++(2M): Lu et al. (2022), arXiv 2211.01095, section 6; the reference's `sde-dpmsolver++`, midpoint. */
import { combine, type Term } from '../math/vector.ts';
import { asItIs, legs, logSnr, type Start, type Walk } from './schedule.ts';

export function* dpmppSde({ schedule, initial, gaussian, settle = asItIs }: Start): Walk {
  let x = initial;
  let last: { data: Float32Array; lambda: number } | null = null;
  for (const { from, to, step, steps } of legs(schedule)) {
    const data = yield { ...from, x, step, steps };
    if (to.sigma === 0) return settle(data, to);
    const lambda = logSnr(from);
    const h = logSnr(to) - lambda;
    const fresh = -Math.expm1(-2 * h);
    const gain = to.alpha * fresh;
    const terms: [Term, ...Term[]] = [
      [(to.sigma / from.sigma) * Math.exp(-h), x],
      [gain, data],
    ];
    if (last !== null) {
      const slope = ((gain / 2) * h) / (lambda - last.lambda);
      terms.push([slope, data], [-slope, last.data]);
    }
    x = settle(combine(...terms, [to.sigma * Math.sqrt(fresh), gaussian()]), to);
    last = { data, lambda };
  }
  return x;
}
