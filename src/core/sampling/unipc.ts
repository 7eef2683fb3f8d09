/** UniPC, order 2, B(h) = e^h − 1, predicting data: Zhao et al. (2023), arXiv 2302.04867, algorithms 5 and 6. */
import { combine, type Term } from '../math/vector.ts';
import { asItIs, type Level, legs, logSnr, type Start, type Walk } from './schedule.ts';

/** Where the walk has been: the level, its log-SNR, what was denoised there, and the corrected latent. */
interface Visit {
  readonly at: Level;
  readonly lambda: number;
  readonly data: Float32Array;
  readonly x: Float32Array;
}

export function* unipc({ schedule, initial, settle = asItIs }: Start): Walk {
  let x = initial;
  let visits: readonly [latest: Visit, before?: Visit] | null = null;
  for (const { from, to, step, steps } of legs(schedule)) {
    const data = yield { ...from, x, step, steps };
    // The answer at the predicted latent also corrects that latent, at no further evaluation.
    const corrected: Float32Array = visits === null ? x : correct(visits, from, data);
    const visit: Visit = { at: from, lambda: logSnr(from), data, x: corrected };
    const before: Visit | undefined = step < steps - 1 ? visits?.[0] : undefined;
    x = settle(predict(visit, before, to), to);
    visits = visits === null ? [visit] : [visit, visits[0]];
  }
  return x;
}

/** UniP: from the latest visit to `to`, of order 2 where there is one before it. */
function predict(latest: Visit, before: Visit | undefined, to: Level): Float32Array {
  const h = logSnr(to) - latest.lambda;
  const growth = -to.alpha * Math.expm1(-h);
  const terms = firstOrder(latest, to, growth);
  if (before) terms.push(...difference(before, latest, h, 0.5 * growth));
  return combine(...terms);
}

/** UniC: the latent at `at` once more, now that the data there is known. */
function correct([latest, before]: readonly [Visit, Visit?], at: Level, data: Float32Array): Float32Array {
  const h = logSnr(at) - latest.lambda;
  const growth = -at.alpha * Math.expm1(-h);
  const terms = firstOrder(latest, at, growth);
  let weight = 0.5;
  if (before) {
    // Two unknown weights, two conditions: ρ₀ + ρ₁ = b₁ and r·ρ₀ + ρ₁ = b₂.
    const r = (before.lambda - latest.lambda) / h;
    const [b1, b2] = conditions(h);
    const past = (b1 - b2) / (1 - r);
    weight = b1 - past;
    terms.push(...difference(before, latest, h, past * growth));
  }
  return combine(...terms, [weight * growth, data], [-weight * growth, latest.data]);
}

function firstOrder({ at, x, data }: Visit, to: Level, growth: number): [Term, ...Term[]] {
  return [
    [to.sigma / at.sigma, x],
    [growth, data],
  ];
}

/** factor · (data before − data latest) / r, where r is the earlier step's share of h, negative. */
function difference(before: Visit, latest: Visit, h: number, factor: number): Term[] {
  const scaled = (factor * h) / (before.lambda - latest.lambda);
  return [
    [scaled, before.data],
    [-scaled, latest.data],
  ];
}

/** b₁ and b₂ of the paper's eq. 9: k!·φ_{k+1}(−h)·(−h) / B(h) for k = 1, 2. */
function conditions(h: number): [number, number] {
  const growth = Math.expm1(-h);
  const first = growth / -h - 1;
  const second = first / -h - 1 / 2;
  return [first / growth, (2 * second) / growth];
}
