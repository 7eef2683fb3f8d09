/** The denoise loop: a sampler asks, a network answers, and anyone may stop it between two steps. */
import type { Ask, Walk } from '../sampling/schedule.ts';

export interface WalkRequest {
  /** A sampler that has not yet asked (`startSampler`). */
  readonly sampler: Walk;
  /** The network's output for a question, guided or not. */
  readonly predict: (ask: Ask) => Promise<Float32Array>;
  /** The denoised latent that an output stands for. */
  readonly toDenoised: (output: Float32Array, ask: Ask) => Float32Array;
  /** Called after each evaluation with the current data estimate, for progress and previews. */
  readonly onStep?: (ask: Ask, denoised: Float32Array) => void;
  /** Asked before and after each evaluation; true ends the walk. */
  readonly shouldStop?: () => boolean;
}

export type WalkOutcome =
  | { readonly kind: 'done'; readonly latent: Float32Array }
  | { readonly kind: 'cancelled' }
  /** The network's output at `step` holds a value that is no number (`nan`), or is one value throughout (`flat`). */
  | { readonly kind: 'nan' | 'flat'; readonly step: number };

/** Walks to the end, to a stop, or to the first output that no picture can come from. Errors of `predict` pass through. */
export async function walk(request: WalkRequest): Promise<WalkOutcome> {
  const { sampler, predict, toDenoised, onStep } = request;
  const shouldStop = request.shouldStop ?? (() => false);
  let turn = sampler.next();
  while (!turn.done) {
    const ask = turn.value;
    if (shouldStop()) return { kind: 'cancelled' };
    const output = await predict(ask);
    if (shouldStop()) return { kind: 'cancelled' };
    const fault = faultOf(output);
    if (fault !== null) return { kind: fault, step: ask.step };
    const denoised = toDenoised(output, ask);
    onStep?.(ask, denoised);
    turn = sampler.next(denoised);
  }
  return { kind: 'done', latent: turn.value };
}

/** A half-precision overflow shows as values that are no numbers, or as a constant where they were clamped. */
function faultOf(output: Float32Array): 'nan' | 'flat' | null {
  let flat = output.length > 1;
  for (const value of output) {
    if (!Number.isFinite(value)) return 'nan';
    if (value !== output[0]) flat = false;
  }
  return flat ? 'flat' : null;
}
