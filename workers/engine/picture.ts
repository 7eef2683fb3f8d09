/** One picture: noise of its seed, the walk, the decoder, a PNG that remembers its request. */
import { FailureError } from '#core/failure.ts';
import { TorchGenerator } from '#core/math/torch-random.ts';
import { walk } from '#core/pipeline/generate.ts';
import {
  type AdapterUse,
  type GenerateRequest,
  pictureRequest,
  pictureSeed,
} from '#core/pipeline/request.ts';
import { cleanPrompt } from '#core/prompt/clean.ts';
import { toDenoised } from '#core/sampling/denoise.ts';
import { SAMPLERS, type SamplerId, startSampler } from '#core/sampling/samplers.ts';
import { type Ask, initialLatent } from '#core/sampling/schedule.ts';
import { makeSchedule, SCHEDULES, type ScheduleId } from '#core/sampling/schedules.ts';
import type { DeviceKind, GenerateEvent, Picture, PreviewMode, StageTimes } from '#engine/api.ts';
import { encodePng, linearPreview, toBitmap, toRgba } from '../runtime/pixels.ts';
import { describePicture } from './describe.ts';
import type { OpenModel } from './model.ts';
import { checkPixels, decode, type LatentShape, type Network, predict } from './network.ts';
import type { Prompts } from './prompts.ts';

export interface PictureJob {
  model: OpenModel;
  request: GenerateRequest;
  prompts: Prompts;
  /** All that are on, for the picture to remember. */
  adapters: readonly AdapterUse[];
  index: number;
  preview: PreviewMode;
  device: DeviceKind;
  loadMs: number;
  trace: boolean;
  signal: AbortSignal;
  emit: (event: GenerateEvent) => void;
}

/** @throws FailureError `result-invalid`; the signal's reason when cancelled */
export async function makePicture(job: PictureJob): Promise<Picture> {
  const { model, request, index } = job;
  const { widthPx, heightPx } = request;
  const { rgb, times } = await makePixels(job);
  const startedAt = performance.now();
  const png = await encodePng(toRgba(rgb, widthPx, heightPx), widthPx, heightPx);
  const own = ownRequest(job);
  const described = describePicture(png, own, model.manifest);
  times.encodeMs = performance.now() - startedAt;
  return {
    index,
    seed: own.seed,
    png: new Blob([described.png], { type: 'image/png' }),
    widthPx,
    heightPx,
    times,
    device: job.device,
    request: own,
    parameters: described.parameters,
  };
}

/** What this one picture was made of: its own seed, and of the prompts what was read. */
function ownRequest({ request, adapters, index }: PictureJob): GenerateRequest {
  const { adapters: _, ...asked } = pictureRequest(request, index);
  return {
    ...asked,
    ...(adapters.length === 0 ? {} : { adapters }),
    prompt: cleanPrompt(asked.prompt, 'prompt').text,
    negativePrompt: cleanPrompt(asked.negativePrompt, 'negative').text,
  };
}

/**
 * Everything but the file.
 * @returns pixels as [3, heightPx, widthPx] in -1..1
 * @throws as `makePicture`
 */
export async function makePixels(job: PictureJob): Promise<{ rgb: Float32Array; times: StageTimes }> {
  const { model, prompts, loadMs, trace, index, request, emit } = job;
  const times: StageTimes = { loadMs, textMs: prompts.textMs, stepsMs: [], decodeMs: 0, encodeMs: 0 };
  const shape = latentShape(model, request);
  const latent = await denoise(job, shape, times);
  if (trace) emit({ kind: 'trace', index, step: request.steps, latent: latent.slice() });
  emit({ kind: 'decode', index });
  const startedAt = performance.now();
  const rgb = await decode(model, latent, shape);
  checkPixels(rgb);
  times.decodeMs = performance.now() - startedAt;
  return { rgb, times };
}

function latentShape({ manifest }: OpenModel, { widthPx, heightPx }: GenerateRequest): LatentShape {
  const { channels, downscale } = manifest.latent;
  return [1, channels, heightPx / downscale, widthPx / downscale];
}

/** From the seed's noise to the clean latent; fills in `times.stepsMs`. */
async function denoise(job: PictureJob, shape: LatentShape, times: StageTimes): Promise<Float32Array> {
  const { model, request, index, signal, emit } = job;
  const { noise } = model.manifest;
  const network: Network = { ...job, shape };
  const size = shape.reduce((a, b) => a * b);
  const generator = new TorchGenerator(pictureSeed(request.seed, index));
  const gaussian = () => generator.randn(size);
  const sampler = samplerId(request.sampler);
  const schedule = makeSchedule({
    noise,
    schedule: scheduleId(request.schedule),
    steps: request.steps,
    sampler,
  });
  const initial = initialLatent(schedule, gaussian());

  let startedAt = performance.now();
  let traced = -1;
  let preview: Promise<void> = Promise.resolve();
  const onStep = (ask: Ask, denoised: Float32Array) => {
    const now = performance.now();
    times.stepsMs[ask.step] = (times.stepsMs[ask.step] ?? 0) + now - startedAt;
    startedAt = now;
    if (job.trace && ask.step !== traced)
      emit({ kind: 'trace', index, step: ask.step, latent: ask.x.slice() });
    traced = ask.step;
    const step = ask.step + 1;
    emit({ kind: 'step', index, step, steps: ask.steps, secondsLeft: secondsLeft(times, job, ask.steps) });
    if (step < ask.steps) preview = sendPreview(job, denoised, shape);
    // A walk that ends early awaits it no more; a failure of it is then nobody's concern.
    preview.catch(() => undefined);
  };
  const result = await walk({
    sampler: startSampler({ sampler, noise, schedule, initial, gaussian }),
    predict: async (ask) => {
      await preview;
      // A cancel arrives as a message: the event loop has to turn between two runs.
      await turn();
      signal.throwIfAborted();
      return predict(network, ask);
    },
    toDenoised: (output, ask) => toDenoised(noise.prediction, output, ask, noise.path),
    onStep,
  });
  signal.throwIfAborted();
  if (result.kind === 'cancelled') throw new Error('The walk stopped although nobody asked it to.');
  if (result.kind !== 'done') {
    throw new FailureError({
      code: 'result-invalid',
      kind: result.kind,
      stage: 'denoise',
      step: result.step,
    });
  }
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
  { model, preview, index, emit }: PictureJob,
  denoised: Float32Array,
  shape: LatentShape,
): Promise<void> {
  if (preview === 'off') return;
  const [, , height, width] = shape;
  const map = model.manifest.preview;
  if (preview === 'linear' && map !== undefined) {
    const rgba = linearPreview(denoised, width, height, map);
    emit({ kind: 'preview', index, bitmap: await toBitmap(rgba, width, height) });
    return;
  }
  const { downscale } = model.manifest.latent;
  const rgba = toRgba(await decode(model, denoised, shape), width * downscale, height * downscale);
  emit({ kind: 'preview', index, bitmap: await toBitmap(rgba, width * downscale, height * downscale) });
}

/** Estimated from the median step so far; null before the second step, as the first run also compiles shaders. */
function secondsLeft(
  { stepsMs, decodeMs }: StageTimes,
  { request, index }: PictureJob,
  steps: number,
): number | null {
  if (stepsMs.length < 2) return null;
  const sorted = stepsMs.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  const stepsLeft = steps - stepsMs.length + steps * (request.count - index - 1);
  return (stepsLeft * median + decodeMs) / 1000;
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
