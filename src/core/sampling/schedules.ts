/** The table of schedules, and the one way to make one. */
import type { Noise } from '../models/manifest.ts';
import { diffusionSchedule } from './diffusion-schedule.ts';
import { flowSchedule } from './flow-schedule.ts';
import { SAMPLERS, type SamplerId } from './samplers.ts';
import type { Schedule, ScheduleId } from './schedule.ts';

export type { ScheduleId } from './schedule.ts';

export interface ScheduleInfo {
  readonly id: ScheduleId;
  /** The field's name, as it stands under "Schedule type" in a picture's metadata. */
  readonly label: string;
  readonly paths: readonly Noise['path'][];
}

const both = ['diffusion', 'flow'] as const;

export const SCHEDULES: Readonly<Record<ScheduleId, ScheduleInfo>> = {
  normal: { id: 'normal', label: 'Normal', paths: both },
  karras: { id: 'karras', label: 'Karras', paths: both },
  exponential: { id: 'exponential', label: 'Exponential', paths: both },
  simple: { id: 'simple', label: 'Simple', paths: both },
  'sgm-uniform': { id: 'sgm-uniform', label: 'SGM Uniform', paths: both },
  trailing: { id: 'trailing', label: 'Trailing', paths: both },
  // Counted from the clean end, a flow's last point would already be clean.
  leading: { id: 'leading', label: 'Leading', paths: ['diffusion'] },
};

/** What a walk is: these four decide every number of it but the noise. */
export interface ScheduleRequest {
  readonly noise: Noise;
  readonly schedule: ScheduleId;
  readonly sampler: SamplerId;
  /** 1 or more; no more than the model has training timesteps. */
  readonly steps: number;
}

/**
 * The points of a walk. The sampler has a say, because each reference spaces and rounds timesteps its own way.
 * @throws RangeError when the schedule or the sampler is not for the model's noise path, or steps are out of range
 */
export function makeSchedule({ noise, schedule, sampler, steps }: ScheduleRequest): Schedule {
  for (const { id, paths } of [SCHEDULES[schedule], SAMPLERS[sampler]]) {
    if (!paths.includes(noise.path)) throw new RangeError(`"${id}" is not for the ${noise.path} path`);
  }
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > noise.trainTimesteps) {
    throw new RangeError(`${steps} steps are not between 1 and ${noise.trainTimesteps}`);
  }
  const { grid } = SAMPLERS[sampler];
  return noise.path === 'flow'
    ? flowSchedule(noise, schedule, grid, steps)
    : diffusionSchedule(noise, schedule, grid, steps);
}
