/** Schedules of the flow path: sigma from 1 to 0, alpha = 1 − sigma. */
import type { FlowNoise } from './noise-levels.ts';
import type { Grid, Point, Schedule, ScheduleId } from './schedule.ts';
import { exponential, karras, linspace } from './spacing.ts';

const { fround } = Math;
const CLEAN: Point = { timestep: 0, alpha: 1, sigma: 0 };

/** Reference: FlowMatchEulerDiscreteScheduler; for the multistep solvers their `use_flow_sigmas`. */
export function flowSchedule(noise: FlowNoise, schedule: ScheduleId, grid: Grid, steps: number): Schedule {
  const points = sigmasOf(noise, schedule, grid, steps).map((exact, step): Point => {
    // UniPC divides by log-SNR differences, infinite at sigma 1; its reference steps aside by the same 1e-6.
    const inside = grid === 'unipc' && step === 0 && Math.abs(exact - 1) < 1e-6 ? exact - 1e-6 : exact;
    const sigma = fround(inside);
    const whole = grid === 'dpm' || grid === 'unipc';
    const timestep = whole ? Math.floor(inside * noise.trainTimesteps) : fround(sigma * noise.trainTimesteps);
    return { timestep, alpha: 1 - sigma, sigma };
  });
  return { path: 'flow', points: [...points, CLEAN], initialScale: 1 };
}

function sigmasOf(noise: FlowNoise, schedule: ScheduleId, grid: Grid, steps: number): number[] {
  const { shift, trainTimesteps } = noise;
  const shifted = (sigma: number) => (shift * sigma) / (1 + (shift - 1) * sigma);
  // The reference shifts the lowest trained sigma when it is made, and all sigmas once more when they are set.
  const lowest = fround(shifted(fround(1 / trainTimesteps)));
  switch (schedule) {
    case 'normal':
      if (grid === 'dpm') {
        return linspace(1, 1 / trainTimesteps, steps + 1)
          .map((alpha) => shifted(1 - alpha))
          .toReversed()
          .slice(0, -1);
      }
      if (grid === 'unipc') return sgmUniform(trainTimesteps, steps).map(shifted);
      return linspace(1, lowest, steps).map(shifted);
    case 'karras':
      return karras(1, shifted(lowest), steps);
    case 'exponential':
      return exponential(1, shifted(lowest), steps);
    case 'sgm-uniform':
      return sgmUniform(trainTimesteps, steps).map(shifted);
    case 'simple':
      return Array.from({ length: steps }, (_, i) =>
        shifted(1 - Math.floor((i * trainTimesteps) / steps) / trainTimesteps),
      );
    case 'trailing':
    case 'leading':
      return linspace(1, 1 / steps, steps).map(shifted);
  }
}

function sgmUniform(trainTimesteps: number, steps: number): number[] {
  return linspace(1, 1 / trainTimesteps, steps + 1).slice(0, -1);
}
