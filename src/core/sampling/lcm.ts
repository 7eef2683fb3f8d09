/** Multistep consistency sampling: Luo et al. (2023), arXiv 2310.04378, algorithm 3. Each step ends at the data and noises it anew. */
import { combine } from '../math/vector.ts';
import { asItIs, legs, type Point, type Schedule, type Start, type Walk } from './schedule.ts';

const TIMESTEP_SCALING = 10;
const SIGMA_DATA = 0.5;

export function* lcm({ schedule, initial, gaussian, settle = asItIs }: Start): Walk {
  let x = initial;
  for (const { from, to, step, steps } of legs(schedule)) {
    const answer = yield { ...from, x, step, steps };
    const [skip, out] = boundary(schedule, from);
    const data = combine([out, answer], [skip, x]);
    if (step === steps - 1) return settle(data, to);
    x = settle(combine([to.alpha, data], [to.sigma, gaussian()]), to);
  }
  return x;
}

/** c_skip and c_out of the paper's eq. 9, which make a diffusion's answer at timestep 0 the latent itself. */
function boundary({ path }: Schedule, { timestep }: Point): [skip: number, out: number] {
  if (path === 'flow') return [0, 1];
  const scaled = timestep * TIMESTEP_SCALING;
  const size = Math.hypot(scaled, SIGMA_DATA);
  return [(SIGMA_DATA / size) ** 2, scaled / size];
}
