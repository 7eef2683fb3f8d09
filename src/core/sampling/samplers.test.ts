import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Noise } from '../models/manifest.ts';
import { toDenoised } from './denoise.ts';
import { SAMPLERS, type SamplerId, startSampler } from './samplers.ts';
import { initialLatent, type ScheduleId } from './schedule.ts';
import { makeSchedule } from './schedules.ts';

interface Trace {
  readonly schedule: ScheduleId;
  readonly steps: number;
  readonly noise: Noise;
  readonly reference: string;
  /** What the reference told the network, evaluation by evaluation. */
  readonly timesteps: readonly number[];
  /** What the network was given at each evaluation, then the final latent. */
  readonly latents: readonly (readonly number[])[];
}

const TOLERANCE = 1e-4;
const ids = Object.keys(SAMPLERS) as SamplerId[];
const pool = golden<number[][]>('noise').map((noise) => Float32Array.from(noise));

function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`goldens/${name}.golden.json`, import.meta.url), 'utf8'));
}

/** The formula that stands for a network in forge/sampling/traces.py. */
function network(x: Float32Array, timestep: number): Float32Array {
  return x.map((value, cell) => Math.sin(1.3 * value + 0.004 * timestep + 0.7 * cell) + 0.25 * value);
}

function traceOf(sampler: SamplerId, { noise, schedule: id, steps }: Trace) {
  const schedule = makeSchedule({ noise, schedule: id, sampler, steps });
  let drawn = 1;
  const gaussian = () => pool[drawn++]!;
  const walk = startSampler({
    sampler,
    noise,
    schedule,
    gaussian,
    initial: initialLatent(schedule, pool[0]!),
  });
  const timesteps: number[] = [];
  const latents: Float32Array[] = [];
  let turn = walk.next();
  while (!turn.done) {
    const ask = turn.value;
    timesteps.push(ask.timestep);
    latents.push(ask.x);
    turn = walk.next(toDenoised(noise.prediction, network(ask.x, ask.timestep), ask, noise.path));
  }
  return { timesteps, latents: [...latents, turn.value], drawn: drawn - 1 };
}

/** The largest difference of any latent, relative to the largest value of that latent. */
function worst(found: readonly ArrayLike<number>[], expected: readonly (readonly number[])[]): number {
  const errors = expected.map((row, at) => {
    const size = Math.max(...row.map(Math.abs));
    return Math.max(...row.map((value, i) => Math.abs(value - found[at]![i]!))) / size;
  });
  return errors.some(Number.isNaN) ? Number.NaN : Math.max(...errors);
}

function title({ noise, schedule, steps, reference }: Trace): string {
  const kind =
    noise.path === 'flow'
      ? `shift ${noise.shift}`
      : noise.betaSchedule + (noise.rescaleZeroSnr ? ' zero' : '');
  return `${noise.path} ${noise.prediction} ${kind}, ${schedule}, ${steps} steps (${reference})`;
}

describe.each(ids)('%s walks as its reference does', (sampler) => {
  test.each(golden<Trace[]>(sampler).map((trace) => [title(trace), trace] as const))('%s', (_, trace) => {
    const found = traceOf(sampler, trace);
    expect(found.timesteps).toHaveLength(trace.timesteps.length);
    trace.timesteps.forEach((timestep, i) => expect(found.timesteps[i]).toBeCloseTo(timestep, 2));
    expect(found.latents).toHaveLength(trace.latents.length);
    expect(worst(found.latents, trace.latents)).toBeLessThan(TOLERANCE);
  });
});

/** The traces of a sampler that every other sampler of the same path has too. */
function usual(sampler: SamplerId): Trace[] {
  return golden<Trace[]>(sampler).filter(({ noise, schedule, steps }) => {
    const plain = noise.path === 'flow' || noise.prediction === 'epsilon';
    const stable = noise.path === 'flow' || noise.betaSchedule === 'scaled_linear';
    return plain && stable && schedule === 'normal' && steps === 8;
  });
}

describe('these traces can tell samplers apart', () => {
  test.each(ids)('%s fails every other sampler’s trace', (sampler) => {
    for (const other of ids.filter((id) => id !== sampler)) {
      for (const trace of usual(other)) {
        if (!SAMPLERS[sampler].paths.includes(trace.noise.path)) continue;
        const { latents } = traceOf(sampler, trace);
        const differs =
          latents.length !== trace.latents.length || worst(latents, trace.latents) > 10 * TOLERANCE;
        expect(differs, other).toBe(true);
      }
    }
  });

  test.each(ids)('%s asks and draws as often as its table says', (sampler) => {
    const { noisy, evaluationsPerStep } = SAMPLERS[sampler];
    for (const trace of usual(sampler)) {
      const { drawn, timesteps } = traceOf(sampler, trace);
      expect(drawn).toBe(noisy ? trace.steps - 1 : 0);
      expect(timesteps).toHaveLength(evaluationsPerStep * (trace.steps - 1) + 1);
    }
  });
});
