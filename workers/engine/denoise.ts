/** One walk from noise to a clean latent, with its progress, its previews and its end when nobody wants it any more. */
import { FailureError } from '#core/failure.ts';
import { walk } from '#core/pipeline/generate.ts';
import { toDenoised } from '#core/sampling/denoise.ts';
import { SAMPLERS, type SamplerId, startSampler } from '#core/sampling/samplers.ts';
import type { Ask, Schedule, Settle } from '#core/sampling/schedule.ts';
import { makeSchedule, SCHEDULES, type ScheduleId } from '#core/sampling/schedules.ts';
import type { StageTimes, Together } from '#engine/api.ts';
import { linearPreview, toBitmap, toRgba } from '../runtime/pixels.ts';
import type { OpenModel } from './model.ts';
import { decode, type LatentShape } from './network.ts';
import type { PictureJob } from './picture.ts';

/** A walk as it lies ahead. */
export interface Pass {
  shape: LatentShape;
  /** Where it begins and which way it goes; already cut to what is walked. */
  schedule: Schedule;
  initial: Float32Array;
  gaussian: () => Float32Array;
  settle?: Settle;
  predict: (ask: Ask) => Promise<Float32Array>;
  progress: Progress;
  /** Send each step's latent, where the job asks for it. */
  trace: boolean;
  /** Those that keep step with it; null for a walk of its own. */
  together: Together | null;
}

/** Where a walk stands among all that make the picture. One unit is one run of the network over one latent. */
export interface Progress {
  stepsBefore: number;
  stepsAfter: number;
  unitsPerStep: number;
  unitsAfter: number;
}

/** The steps of a walk, before it is cut. */
export function scheduleOf({ manifest }: OpenModel, request: PictureJob['request'], steps: number): Schedule {
  const { noise } = manifest;
  return makeSchedule({
    noise,
    schedule: scheduleId(request.schedule),
    sampler: samplerId(request.sampler),
    steps,
  });
}

/** @throws FailureError `result-invalid`; the signal's reason when cancelled */
export async function denoise(job: PictureJob, pass: Pass, times: StageTimes): Promise<Float32Array> {
  const { model, request, index, signal, emit } = job;
  const { noise } = model.manifest;
  const { schedule, initial, gaussian, settle, progress, together } = pass;
  const share = 1 / (together?.size ?? 1);
  const steps = schedule.points.length - 1;
  const total = progress.stepsBefore + steps + progress.stepsAfter;
  let startedAt = performance.now();
  let traced = -1;
  let preview: Promise<void> = Promise.resolve();
  const onStep = (ask: Ask, denoised: Float32Array) => {
    const now = performance.now();
    const at = progress.stepsBefore + ask.step;
    times.stepsMs[at] = (times.stepsMs[at] ?? 0) + (now - startedAt) * share;
    startedAt = now;
    if (pass.trace && ask.step !== traced)
      emit({ kind: 'trace', index, step: ask.step, latent: ask.x.slice() });
    traced = ask.step;
    const step = at + 1;
    // Of those that keep step one speaks for all.
    if (together === null || index === together.first) {
      const left = secondsLeft(times, job, pass, ask);
      emit({
        kind: 'step',
        index,
        step,
        steps: total,
        secondsLeft: left,
        ...(together ? { together } : {}),
      });
    }
    if (step < total) preview = sendPreview(job, denoised, pass.shape);
    // A walk that ends early awaits it no more; a failure of it is then nobody's concern.
    preview.catch(() => undefined);
  };
  const sampler = samplerId(request.sampler);
  const result = await walk({
    sampler: startSampler({ sampler, noise, schedule, initial, gaussian, ...(settle ? { settle } : {}) }),
    predict: async (ask) => {
      await preview;
      // A cancel arrives as a message: the event loop has to turn between two runs.
      await turn();
      signal.throwIfAborted();
      return pass.predict(ask);
    },
    toDenoised: (output, ask) => toDenoised(noise.prediction, output, ask, noise.path),
    onStep,
  });
  signal.throwIfAborted();
  if (result.kind === 'cancelled') throw new Error('The walk stopped although nobody asked it to.');
  if (result.kind !== 'done') {
    const { kind, step } = result;
    throw new FailureError({ code: 'result-invalid', kind, stage: 'denoise', step });
  }
  if (pass.trace) emit({ kind: 'trace', index, step: steps, latent: result.latent.slice() });
  return result.latent;
}

function samplerId(id: string): SamplerId {
  if (!Object.hasOwn(SAMPLERS, id)) throw new RangeError(`"${id}" is no sampler`);
  return id as SamplerId;
}

function scheduleId(id: string): ScheduleId {
  if (!Object.hasOwn(SCHEDULES, id)) throw new RangeError(`"${id}" is no schedule`);
  return id as ScheduleId;
}

async function sendPreview(
  { model, preview, index, request, emit }: PictureJob,
  denoised: Float32Array,
  shape: LatentShape,
): Promise<void> {
  if (preview === 'off') return;
  const [, , height, width] = shape;
  const map = model.manifest.preview;
  const { downscale } = model.manifest.latent;
  // Graphs may take one size only, and a second pass is larger than that.
  const isDecodable = width * downscale === request.widthPx && height * downscale === request.heightPx;
  if (map !== undefined && (preview === 'linear' || !isDecodable)) {
    const rgba = linearPreview(denoised, width, height, map);
    emit({ kind: 'preview', index, bitmap: await toBitmap(rgba, width, height) });
    return;
  }
  if (!isDecodable) return;
  const rgba = toRgba(await decode(model, denoised, shape), width * downscale, height * downscale);
  emit({ kind: 'preview', index, bitmap: await toBitmap(rgba, width * downscale, height * downscale) });
}

/** Estimated from the median unit of this pass; null before its second step, as the first run also compiles shaders. */
function secondsLeft(
  { stepsMs, decodeMs }: StageTimes,
  { request, index }: PictureJob,
  { schedule, progress, together }: Pass,
  ask: Ask,
): number | null {
  const own = stepsMs.slice(progress.stepsBefore);
  if (own.length < 2) return null;
  const sorted = own.toSorted((a, b) => a - b);
  const unitMs = sorted[Math.floor(sorted.length / 2)]! / progress.unitsPerStep;
  const steps = schedule.points.length - 1;
  const unitsHere = steps * progress.unitsPerStep;
  const unitsBefore = progress.stepsBefore;
  const { first, size } = together ?? { first: index, size: 1 };
  const unitsLeft = size * ((steps - ask.step - 1) * progress.unitsPerStep + progress.unitsAfter);
  const unitsOfAll = unitsBefore + unitsHere + progress.unitsAfter;
  return ((unitsLeft + unitsOfAll * (request.count - first - size)) * unitMs + decodeMs) / 1000;
}

/** Lets the event loop turn once, so that messages arrive. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const arrived = () => {
      port1.close();
      resolve();
    };
    port1.addEventListener('message', arrived, { once: true });
    port1.start();
    port2.postMessage(null);
  });
}
