/** From a repository's `scheduler_config.json` to the noise path, sampler, schedule and steps of a manifest. */
import * as v from 'valibot';
import type { Manifest, Noise } from '../models/manifest.ts';
import type { SamplerId } from '../sampling/samplers.ts';
import type { ScheduleId } from '../sampling/schedule.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(100_000));
const fraction = v.pipe(v.number(), v.gtValue(0), v.maxValue(1));

export const schedulerSchema = v.object({
  _class_name: v.optional(v.pipe(v.string(), v.maxLength(100))),
  num_train_timesteps: v.optional(count, 1000),
  beta_start: v.optional(fraction, 0.0001),
  beta_end: v.optional(fraction, 0.02),
  beta_schedule: v.optional(v.string(), 'linear'),
  trained_betas: v.optional(v.unknown()),
  prediction_type: v.optional(v.string()),
  rescale_betas_zero_snr: v.optional(v.boolean(), false),
  set_alpha_to_one: v.optional(v.boolean()),
  steps_offset: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1000)), 0),
  timestep_spacing: v.optional(v.string()),
  shift: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(100)), 1),
  use_dynamic_shifting: v.optional(v.nullable(v.boolean()), false),
  use_karras_sigmas: v.optional(v.nullable(v.boolean()), false),
  use_exponential_sigmas: v.optional(v.nullable(v.boolean()), false),
});

export type SchedulerConfig = v.InferOutput<typeof schedulerSchema>;

/** The reference's classes and the sampler that walks as each does. */
const SAMPLER_OF: Readonly<Record<string, SamplerId>> = {
  DDIMScheduler: 'ddim',
  EulerDiscreteScheduler: 'euler',
  EulerAncestralDiscreteScheduler: 'euler-a',
  HeunDiscreteScheduler: 'heun',
  DPMSolverMultistepScheduler: 'dpmpp-2m',
  DPMSolverSDEScheduler: 'dpmpp-sde',
  UniPCMultistepScheduler: 'unipc',
  LCMScheduler: 'lcm',
  TCDScheduler: 'tcd',
  FlowMatchEulerDiscreteScheduler: 'flow-euler',
  FlowMatchHeunDiscreteScheduler: 'heun',
};
const FLOW = /^FlowMatch/;
const SPACING: Readonly<Record<string, ScheduleId>> = {
  linspace: 'normal',
  leading: 'leading',
  trailing: 'trailing',
};
const BETAS = ['linear', 'scaled_linear', 'squaredcos_cap_v2'] as const;
const PREDICTIONS = ['epsilon', 'v_prediction', 'sample'] as const;

export interface Walking {
  noise: Noise;
  sampler: SamplerId;
  schedule: ScheduleId;
  steps: Manifest['steps'];
  /**
   * The settings are those of a model distilled to a few steps without guidance: it starts at the noisiest
   * timestep (trailing) on an Euler walk, and predicts noise.
   */
  fewSteps: boolean;
  /** Sentences: what was read otherwise than it is written. */
  remarks: string[];
}

export type WalkingResult = { ok: true; walking: Walking } | { ok: false; reason: string };

export function readScheduler(config: SchedulerConfig): WalkingResult {
  const name = config._class_name ?? '';
  return FLOW.test(name) ? readFlow(config, name) : readDiffusion(config, name);
}

function readFlow(config: SchedulerConfig, name: string): WalkingResult {
  const remarks: string[] = [];
  if (config.use_dynamic_shifting) {
    remarks.push(
      'The schedule shifts with the size of the picture; the studio keeps it at its written shift.',
    );
  }
  const sampler = SAMPLER_OF[name] ?? 'flow-euler';
  const prediction = PREDICTIONS.find((known) => known === config.prediction_type) ?? 'v_prediction';
  return {
    ok: true,
    walking: {
      noise: { path: 'flow', prediction, trainTimesteps: config.num_train_timesteps, shift: config.shift },
      sampler,
      schedule: config.timestep_spacing === 'trailing' ? 'trailing' : 'normal',
      steps: { default: 28, min: 1, max: 50 },
      fewSteps: false,
      remarks,
    },
  };
}

function readDiffusion(config: SchedulerConfig, name: string): WalkingResult {
  if (config.trained_betas !== undefined && config.trained_betas !== null) {
    return {
      ok: false,
      reason: 'The noise schedule is a table of its own (trained_betas), which is not supported.',
    };
  }
  const betaSchedule = BETAS.find((known) => known === config.beta_schedule);
  if (betaSchedule === undefined) {
    return { ok: false, reason: `The noise schedule "${cut(config.beta_schedule)}" is not known.` };
  }
  const prediction = PREDICTIONS.find((known) => known === (config.prediction_type ?? 'epsilon'));
  if (prediction === undefined) {
    return {
      ok: false,
      reason: `The network predicts "${cut(config.prediction_type ?? '')}", which is not known.`,
    };
  }
  const remarks: string[] = [];
  const known = SAMPLER_OF[name];
  if (known === undefined) {
    remarks.push(`The sampler ${JSON.stringify(cut(name))} is not here; Euler stands in for it.`);
  }
  const sampler = known ?? 'euler';
  const trailing = config.timestep_spacing === 'trailing';
  const fewSteps =
    trailing && name.startsWith('Euler') && prediction === 'epsilon' && !config.rescale_betas_zero_snr;
  const consistency = sampler === 'lcm' || sampler === 'tcd';
  return {
    ok: true,
    walking: {
      noise: {
        path: 'diffusion',
        prediction,
        trainTimesteps: config.num_train_timesteps,
        betaStart: config.beta_start,
        betaEnd: config.beta_end,
        betaSchedule,
        rescaleZeroSnr: config.rescale_betas_zero_snr,
        stepsOffset: config.steps_offset,
        // Only DDIM-like walks know the setting; the others end at a clean picture.
        finalAlphaOne: config.set_alpha_to_one ?? true,
      },
      sampler,
      schedule: scheduleOf(config, consistency),
      steps: fewSteps || consistency ? { default: 4, min: 1, max: 8 } : { default: 20, min: 1, max: 100 },
      fewSteps,
      remarks,
    },
  };
}

function scheduleOf(config: SchedulerConfig, consistency: boolean): ScheduleId {
  // Consistency models walk their own timesteps: spacing does not apply to them.
  if (consistency) return 'normal';
  if (config.use_karras_sigmas) return 'karras';
  if (config.use_exponential_sigmas) return 'exponential';
  return SPACING[config.timestep_spacing ?? 'linspace'] ?? 'normal';
}

function cut(text: string): string {
  return text.slice(0, 60);
}
