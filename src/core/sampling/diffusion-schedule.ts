/** Schedules of the diffusion path: which training timesteps, and how noisy each is. */
import { alphaBars, type DiffusionNoise, levelAt, levelOfRatio, sigmaRatios } from './noise-levels.ts';
import type { Grid, Point, Schedule, ScheduleId } from './schedule.ts';
import { exponential, karras, linspace, roundHalfEven } from './spacing.ts';

const { fround } = Math;

/** Schedules that space sigma/alpha; the others space timesteps. */
const SPREADS: Partial<Record<ScheduleId, typeof karras>> = { karras, exponential };

/** Reference: `set_timesteps` of the scheduler that each grid names (see `Grid`). */
export function diffusionSchedule(
  noise: DiffusionNoise,
  schedule: ScheduleId,
  grid: Grid,
  steps: number,
): Schedule {
  const bars = alphaBars(noise);
  const ratios = sigmaRatios(bars);
  const points = pointsOf({ noise, schedule, grid, steps, bars, ratios });
  const first = points[0]!;
  // The reference's `init_noise_sigma`: the Euler family starts at exactly the first point's noise, but for the
  // leading spacing at the norm of data and noise together, as all others do.
  const initialScale = grid === 'continuous' && schedule !== 'leading' ? first.sigma : 1;
  return { path: 'diffusion', points: [...points, end(noise, grid, bars)], initialScale };
}

interface Plan {
  readonly noise: DiffusionNoise;
  readonly schedule: ScheduleId;
  readonly grid: Grid;
  readonly steps: number;
  readonly bars: Float32Array;
  readonly ratios: Float32Array;
}

function pointsOf(plan: Plan): Point[] {
  const { schedule, grid, steps, bars, ratios } = plan;
  const spread = SPREADS[schedule];
  const sigmas = spread?.(ratios[ratios.length - 1]!, ratios[0]!, steps);
  const logs = sigmas && ratios.map((ratio) => Math.log(ratio));
  const timesteps = logs ? sigmas.map((ratio) => settle(timestepOf(logs, ratio), plan)) : timestepsOf(plan);
  return timesteps.map((timestep, step) => {
    // These references look levels up by whole timesteps, the others feed a timestep beside an exact level.
    if (grid === 'whole' || grid === 'consistency') return { ...levelAt(bars, timestep), timestep };
    return { ...levelOfRatio(fround(sigmas?.[step] ?? interpolate(ratios, timestep))), timestep };
  });
}

/** Timesteps spaced as Lin et al. (2023), table 2, and the field's own spacings. */
function timestepsOf({ noise, schedule, grid, steps }: Plan): number[] {
  const { trainTimesteps, stepsOffset } = noise;
  const last = trainTimesteps - 1;
  const solver = grid === 'dpm' || grid === 'unipc';
  const settled = grid === 'continuous' ? fround : roundHalfEven;
  switch (schedule) {
    case 'normal':
      if (grid === 'consistency') return consistencyTimesteps(trainTimesteps, steps);
      // A single step starts at the noise. (The reference's reversed range of one number starts at the data.)
      if (!solver) return linspace(last, 0, steps).map(settled);
      return linspace(0, last, steps + 1)
        .map(roundHalfEven)
        .toReversed()
        .slice(0, -1);
    case 'leading': {
      // The multistep solvers leave room for one point more, which they then do not use.
      const stride = Math.floor(trainTimesteps / (solver ? steps + 1 : steps));
      const first = solver ? 1 : 0;
      return Array.from({ length: steps }, (_, i) => (steps - 1 - i + first) * stride + stepsOffset);
    }
    case 'trailing':
      return Array.from({ length: steps }, (_, i) =>
        Math.max(roundHalfEven(trainTimesteps - (i * trainTimesteps) / steps) - 1, 0),
      );
    case 'simple':
      return Array.from({ length: steps }, (_, i) => last - Math.floor((i * trainTimesteps) / steps));
    case 'sgm-uniform':
      return linspace(last, 0, steps + 1)
        .slice(0, -1)
        .map(settled);
    case 'karras':
    case 'exponential':
      throw new RangeError(`${schedule} spaces sigmas, not timesteps`);
  }
}

/** Luo et al. (2023): evenly chosen among the 50 timesteps that consistency models are distilled on. */
function consistencyTimesteps(trainTimesteps: number, steps: number): number[] {
  const distilled = Math.max(50, steps);
  const stride = Math.floor(trainTimesteps / distilled);
  return Array.from({ length: steps }, (_, i) => {
    const skipped = Math.floor((i * distilled) / steps);
    return (distilled - skipped) * stride - 1;
  });
}

/** Where the walk ends: a clean latent, or what the first training timestep still has of noise. */
function end({ finalAlphaOne }: DiffusionNoise, grid: Grid, bars: Float32Array): Point {
  const noisy = (grid === 'whole' && !finalAlphaOne) || grid === 'consistency';
  return noisy ? { ...levelAt(bars, 0), timestep: 0 } : { alpha: 1, sigma: 0, timestep: 0 };
}

/** The whole timestep that a reference feeds where it would have a fractional one. */
function settle(timestep: number, { noise, schedule, grid }: Plan): number {
  if (grid === 'continuous') return fround(timestep);
  if (grid === 'whole' || grid === 'consistency') return roundHalfEven(timestep);
  const rounded = schedule === 'karras' && (grid === 'unipc' || noise.betaSchedule !== 'squaredcos_cap_v2');
  return rounded ? roundHalfEven(timestep) : Math.floor(timestep);
}

/** The fractional timestep of a ratio, linear in its logarithm between the trained ones (`logs`, growing). */
function timestepOf(logs: Float32Array, ratio: number): number {
  const log = Math.log(Math.max(ratio, 1e-10));
  let low = 0;
  while (low < logs.length - 2 && logs[low + 1]! <= log) low++;
  const weight = (logs[low]! - log) / fround(logs[low]! - logs[low + 1]!);
  const inside = Math.min(Math.max(weight, 0), 1);
  return (1 - inside) * low + inside * (low + 1);
}

function interpolate(table: Float32Array, position: number): number {
  const low = Math.min(Math.floor(position), table.length - 2);
  return table[low]! + (position - low) * (table[low + 1]! - table[low]!);
}
