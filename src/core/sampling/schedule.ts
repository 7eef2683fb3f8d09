/** The words that schedules, samplers and denoisers share: how noisy, at which moment, and where to go. */
import type { Noise } from '../models/manifest.ts';

export type ScheduleId =
  | 'normal'
  | 'karras'
  | 'exponential'
  | 'simple'
  | 'sgm-uniform'
  | 'trailing'
  | 'leading';

/**
 * Whose habits of spacing and rounding timesteps a sampler has, as its reference in diffusers does:
 * `continuous` EulerDiscrete (fractional timesteps) · `whole` DDIM · `dpm` DPMSolverMultistep ·
 * `unipc` UniPCMultistep · `consistency` LCM and TCD (the 50 timesteps of their distillation).
 */
export type Grid = 'continuous' | 'whole' | 'dpm' | 'unipc' | 'consistency';

/** A noisy latent is x = alpha·data + sigma·noise, on the diffusion path (alpha² + sigma² = 1) and the flow path (alpha + sigma = 1) alike. */
export interface Level {
  readonly alpha: number;
  readonly sigma: number;
}

export interface Point extends Level {
  /** What the network is told, in training timesteps; fractional where the reference's is. */
  readonly timestep: number;
}

/** Where a walk stops and asks, in order, and where it ends. */
export interface Schedule {
  readonly path: Noise['path'];
  /** One point a step, noisiest first, then the end, at which the network is not asked. */
  readonly points: readonly Point[];
  /** Unit noise times this is the latent at the first point. */
  readonly initialScale: number;
}

/** What a sampler wants to know: the data behind `x`. */
export interface Ask extends Point {
  /** The network's input, already scaled: the noisy latent at this point. */
  readonly x: Float32Array;
  /** From 0; both evaluations of a second-order step carry the same number. */
  readonly step: number;
  readonly steps: number;
}

/** A sampler at work: asks, is answered with the denoised latent, returns the final latent. */
export type Walk = Generator<Ask, Float32Array, Float32Array>;

/**
 * Sees each latent that a walk arrives at and may put another in its place, as inpainting does. What a multistep sampler
 * remembers of the way stays as it was.
 */
export type Settle = (x: Float32Array, at: Point) => Float32Array;

/** What a sampler is given. It owns none of it and changes none of it. */
export interface Start {
  readonly schedule: Schedule;
  /** The latent at the first point (see `initialLatent`). */
  readonly initial: Float32Array;
  /** A fresh latent of unit noise on each call. */
  readonly gaussian: () => Float32Array;
  readonly settle?: Settle;
}

/** The settle of a walk that nobody meddles with. */
export const asItIs: Settle = (x) => x;

/** Every step of a schedule as its departure and its destination. */
export function* legs({
  points,
}: Schedule): Generator<{ from: Point; to: Point; step: number; steps: number }> {
  const steps = points.length - 1;
  for (let step = 0; step < steps; step++) yield { from: points[step]!, to: points[step + 1]!, step, steps };
}

/** Logarithm of the ratio of signal to noise, λ of the DPM-Solver papers; ∞ for a clean latent. */
export function logSnr({ alpha, sigma }: Level): number {
  return Math.log(alpha) - Math.log(sigma);
}

/** The latent at the first point of a schedule, from unit noise. */
export function initialLatent(schedule: Schedule, unitNoise: Float32Array): Float32Array {
  return unitNoise.map((value) => value * schedule.initialScale);
}
