/** One picture: noise of its seed, the walk, the decoder, a PNG that remembers its request. */
import { FailureError } from '#core/failure.ts';
import { TorchGenerator } from '#core/math/torch-random.ts';
import { guide, guidanceEmbedding, toDenoised } from '#core/sampling/denoise.ts';
import { SAMPLERS, type SamplerId, startSampler } from '#core/sampling/samplers.ts';
import { initialLatent, type Ask } from '#core/sampling/schedule.ts';
import { makeSchedule, SCHEDULES, type ScheduleId } from '#core/sampling/schedules.ts';
import { walk } from '#core/pipeline/generate.ts';
import { type GenerateRequest, pictureSeed } from '#core/pipeline/request.ts';
import type { DeviceKind, GenerateEvent, Picture, PreviewMode, StageTimes } from '#engine/api.ts';
import type { Feed } from '../runtime/ort.ts';
import { encodePng, linearPreview, toBitmap, toRgba } from '../runtime/pixels.ts';
import { describePicture } from './describe.ts';
import type { OpenModel } from './model.ts';
import type { Prompts } from './prompts.ts';
import type { Conditioning } from './text.ts';

export interface PictureJob {
  model: OpenModel;
  request: GenerateRequest;
  prompts: Prompts;
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
  const { model, request, prompts, index, signal, emit } = job;
  const { manifest } = model;
  const { widthPx, heightPx } = request;
  const { channels, downscale } = manifest.latent;
  const shape = [1, channels, heightPx / downscale, widthPx / downscale] as const;
  const size = shape.reduce((a, b) => a * b);
  const times: StageTimes = {
    loadMs: job.loadMs,
    textMs: prompts.textMs,
    stepsMs: [],
    decodeMs: 0,
    encodeMs: 0,
  };

  const generator = new TorchGenerator(pictureSeed(request.seed, index));
  const gaussian = () => generator.randn(size);
  const sampler = samplerId(request.sampler);
  const schedule = makeSchedule({
    noise: manifest.noise,
    schedule: scheduleId(request.schedule),
    steps: request.steps,
    sampler,
  });

  let startedAt = performance.now();
  let traced = -1;
  let preview: Promise<void> = Promise.resolve();
  const result = await walk({
    sampler: startSampler({
      sampler,
      noise: manifest.noise,
      schedule,
      initial: initialLatent(schedule, gaussian()),
      gaussian,
    }),
    predict: async (ask) => {
      await preview;
      // A cancel arrives as a message: the event loop has to turn between two runs.
      await turn();
      signal.throwIfAborted();
      return predict(job, shape, ask);
    },
    toDenoised: (output, ask) => toDenoised(manifest.noise.prediction, output, ask, manifest.noise.path),
    onStep: (ask, denoised) => {
      const now = performance.now();
      times.stepsMs[ask.step] = (times.stepsMs[ask.step] ?? 0) + now - startedAt;
      startedAt = now;
      if (job.trace && ask.step !== traced)
        emit({ kind: 'trace', index, step: ask.step, latent: ask.x.slice() });
      traced = ask.step;
      const step = ask.step + 1;
      emit({ kind: 'step', index, step, steps: ask.steps, secondsLeft: secondsLeft(times, job, ask.steps) });
      if (step < ask.steps) preview = sendPreview(job, denoised, shape);
    },
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

  if (job.trace) emit({ kind: 'trace', index, step: request.steps, latent: result.latent.slice() });
  emit({ kind: 'decode', index });
  const decodeStartedAt = performance.now();
  const rgb = await decode(model, result.latent, shape);
  checkPixels(rgb);
  times.decodeMs = performance.now() - decodeStartedAt;

  const encodeStartedAt = performance.now();
  const png = await encodePng(toRgba(rgb, widthPx, heightPx), widthPx, heightPx);
  const own: GenerateRequest = { ...request, seed: pictureSeed(request.seed, index), count: 1 };
  const described = describePicture(png, own, manifest);
  times.encodeMs = performance.now() - encodeStartedAt;
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

function samplerId(id: string): SamplerId {
  if (!Object.hasOwn(SAMPLERS, id)) throw new RangeError(`"${id}" is no sampler`);
  return id as SamplerId;
}

function scheduleId(id: string): ScheduleId {
  if (!Object.hasOwn(SCHEDULES, id)) throw new RangeError(`"${id}" is no schedule`);
  return id as ScheduleId;
}

type Shape = readonly [number, number, number, number];

/** The network's answer, guided where the model is. */
async function predict(job: PictureJob, shape: Shape, ask: Ask): Promise<Float32Array> {
  const { guidance } = job.model.manifest;
  const { guidanceScale, guidanceRescale } = job.request;
  const conditional = await runDenoiser(job, shape, ask, job.prompts.positive(ask.step));
  const negative = job.prompts.negative?.(ask.step);
  if (guidance.kind !== 'classifier-free' || negative === undefined) return conditional;
  const unconditional = await runDenoiser(job, shape, ask, negative);
  return guide(conditional, unconditional, guidanceScale, guidanceRescale);
}

async function runDenoiser(
  { model, request }: PictureJob,
  shape: Shape,
  ask: Ask,
  { text, pooled }: Conditioning,
): Promise<Float32Array> {
  const { denoiser, guidance } = model.manifest;
  const { inputs, output } = denoiser;
  const feeds: Record<string, Feed> = {
    [inputs.sample]: { data: ask.x, dims: shape },
    [inputs.timestep]: { data: Float32Array.of(ask.timestep), dims: [1] },
    [inputs.text]: text,
  };
  if (inputs.pooled !== undefined && pooled !== null) feeds[inputs.pooled] = pooled;
  if (inputs.timeIds !== undefined) {
    const { widthPx, heightPx } = request;
    // Original size, crop offset, target size, each as height and width (SDXL, section 2.2).
    feeds[inputs.timeIds] = {
      data: Float32Array.of(heightPx, widthPx, 0, 0, heightPx, widthPx),
      dims: [1, 6],
    };
  }
  if (inputs.guidance !== undefined && guidance.kind === 'embedded') {
    feeds[inputs.guidance] =
      guidance.form === 'scalar'
        ? { data: Float32Array.of(request.guidanceScale), dims: [1] }
        : {
            data: guidanceEmbedding(request.guidanceScale, guidance.width ?? 256),
            dims: [1, guidance.width ?? 256],
          };
  }
  const answer = await model.session(denoiser.part).run(feeds, [output]);
  return answer[output]!.data;
}

async function decode(model: OpenModel, latent: Float32Array, shape: Shape): Promise<Float32Array> {
  const { decoder, latent: space } = model.manifest;
  const data = latent.map((value) => value / space.scale + space.shift);
  const answer = await model
    .session(decoder.part)
    .run({ [decoder.input]: { data, dims: shape } }, [decoder.output]);
  return answer[decoder.output]!.data;
}

/** @throws FailureError `result-invalid` for pixels that are not numbers or all the same */
function checkPixels(rgb: Float32Array) {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of rgb) {
    if (!Number.isFinite(value)) {
      throw new FailureError({ code: 'result-invalid', kind: 'nan', stage: 'decode', step: null });
    }
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (high === low)
    throw new FailureError({ code: 'result-invalid', kind: 'flat', stage: 'decode', step: null });
}

async function sendPreview(
  { model, preview, index, emit }: PictureJob,
  denoised: Float32Array,
  shape: Shape,
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

/** Estimated from the median step so far; null before the second step, whose first run also compiled shaders. */
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

function turn(): Promise<void> {
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
