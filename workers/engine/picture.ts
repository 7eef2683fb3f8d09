/** Pictures: noise of each one's seed, the walk, the decoder, a PNG that remembers its request. */
import { TorchGenerator } from '#core/math/torch-random.ts';
import {
  type AdapterUse,
  type GenerateRequest,
  pictureRequest,
  seedsOf,
  type WordUse,
} from '#core/pipeline/request.ts';
import { type Pixels, pictureOf } from '#core/pixels/pixels.ts';
import { cleanPrompt } from '#core/prompt/clean.ts';
import { type Ask, initialLatent, type Schedule, type Settle } from '#core/sampling/schedule.ts';
import { slerp } from '#core/sampling/slerp.ts';
import { cutSchedule, noised, stepsSkipped } from '#core/sampling/strength.ts';
import type { DeviceKind, GenerateEvent, Picture, PreviewMode, StageTimes, Together } from '#engine/api.ts';
import { encodePng, toRgba } from '../runtime/pixels.ts';
import { denoise, type Progress, scheduleOf, turn } from './denoise.ts';
import { describePicture } from './describe.ts';
import type { OpenModel } from './model.ts';
import {
  checkPixels,
  decode,
  type LatentShape,
  type Network,
  predict,
  predictTogether,
  type Question,
  sampleLatent,
} from './network.ts';
import type { Prompts } from './prompts.ts';
import { type Enlarge, planSecondPass, refine } from './second-pass.ts';
import type { Source } from './source.ts';
import { Rendezvous, walkTogether } from './together.ts';

export interface PictureJob {
  model: OpenModel;
  request: GenerateRequest;
  prompts: Prompts;
  /** All that are on, for the picture to remember. */
  adapters: readonly AdapterUse[];
  /** Those of its prompts that textual inversions brought. */
  words: readonly WordUse[];
  /** What the request starts from, where it names a picture. */
  source?: Source | null;
  /** Needed where the request asks for a second pass. */
  enlarge?: Enlarge;
  upscalerName?: string;
  index: number;
  preview: PreviewMode;
  device: DeviceKind;
  loadMs: number;
  trace: boolean;
  signal: AbortSignal;
  emit: (event: GenerateEvent) => void;
}

/**
 * Pictures of one request, drawn in the same runs of the network and handed over one by one.
 * @param jobs of one model and request, in the order of their indices
 * @param batched as `batchedInputs` finds them; needed for more than one
 * @throws FailureError `result-invalid`; the signal's reason when cancelled
 */
export async function* makePictures(
  jobs: readonly PictureJob[],
  batched: ReadonlySet<string> | null,
): AsyncGenerator<Picture> {
  for await (const { job, pixels, times } of drawPixels(jobs, batched)) {
    const { model, index } = job;
    const { data, widthPx, heightPx } = pixels;
    const startedAt = performance.now();
    const png = await encodePng(data, widthPx, heightPx);
    const own = ownRequest(job);
    const described = describePicture(png, own, model.manifest, job.upscalerName);
    times.encodeMs = performance.now() - startedAt;
    yield {
      index,
      seed: own.seed,
      png: new Blob([described.png], { type: 'image/png' }),
      widthPx,
      heightPx,
      times,
      device: job.device,
      request: own,
      parameters: described.parameters,
      ...(jobs.length > 1 ? { together: jobs.length } : {}),
    };
  }
}

/** What this one picture was made of: its own seed, and of the prompts what was read. */
function ownRequest({ request, adapters, words, index }: PictureJob): GenerateRequest {
  const { adapters: _, words: __, ...asked } = pictureRequest(request, index);
  return {
    ...asked,
    ...(adapters.length === 0 ? {} : { adapters }),
    ...(words.length === 0 ? {} : { words }),
    prompt: cleanPrompt(asked.prompt, 'prompt').text,
    negativePrompt: cleanPrompt(asked.negativePrompt, 'negative').text,
  };
}

interface Drawn {
  job: PictureJob;
  pixels: Pixels;
  times: StageTimes;
}

/**
 * Everything but the files.
 * @throws as `makePictures`
 */
export async function* drawPixels(
  jobs: readonly PictureJob[],
  batched: ReadonlySet<string> | null,
): AsyncGenerator<Drawn> {
  const [only] = jobs;
  if (only === undefined) return;
  if (jobs.length === 1) {
    yield { job: only, ...(await makePixels(only)) };
    return;
  }
  if (batched === null) throw new Error('The model draws one picture at a time.');
  const shape = latentShape(only.model, only.request);
  const network = { ...only, shape };
  const group: Together = { first: only.index, size: jobs.length };
  const answers = new Rendezvous<Question>(jobs.length, (asked) => predictTogether(network, batched, asked));
  const times = jobs.map(timesOf);
  const walks = jobs.map((job, i) => {
    const ask: Predict = (question) => answers.ask({ ask: question, prompts: job.prompts });
    return firstPass(job, shape, times[i]!, ONE_PASS, ask, group);
  });
  const latents = await walkTogether(answers, walks);
  for (const [i, job] of jobs.entries()) {
    await turn();
    job.signal.throwIfAborted();
    yield { job, pixels: await developed(job, latents[i]!, shape, times[i]!, group), times: times[i]! };
  }
}

const ONE_PASS: Progress = { stepsBefore: 0, stepsAfter: 0, unitsPerStep: 1, unitsAfter: 0 };

function timesOf({ prompts, loadMs }: PictureJob): StageTimes {
  return { loadMs, textMs: prompts.textMs, stepsMs: [], decodeMs: 0, encodeMs: 0 };
}

/**
 * One picture but its file.
 * @throws as `makePictures`
 */
export async function makePixels(job: PictureJob): Promise<{ pixels: Pixels; times: StageTimes }> {
  const { model, index, request } = job;
  const times = timesOf(job);
  const shape = latentShape(model, request);
  const network: Network = { ...job, shape };
  const second = planSecondPass(job);
  const latent = await firstPass(
    job,
    shape,
    times,
    {
      ...ONE_PASS,
      stepsAfter: second?.steps ?? 0,
      unitsAfter: second === null ? 0 : second.steps * second.pieces.length,
    },
    (ask) => predict(network, ask),
    null,
  );
  const drawn = await developed(job, latent, shape, times, null);
  if (second !== null) {
    const pixels = await refine(job, second, drawn, seedsOf(request, index).seed, times);
    return { pixels, times };
  }
  return { pixels: job.source?.finish(drawn) ?? drawn, times };
}

/** A clean latent as pixels. */
async function developed(
  { model, request, index, emit }: PictureJob,
  latent: Float32Array,
  shape: LatentShape,
  times: StageTimes,
  together: Together | null,
): Promise<Pixels> {
  emit({ kind: 'decode', index, ...(together ? { together } : {}) });
  const startedAt = performance.now();
  const rgb = await decode(model, latent, shape);
  checkPixels(rgb);
  times.decodeMs = performance.now() - startedAt;
  return pictureOf(request, toRgba(rgb, request.widthPx, request.heightPx));
}

function latentShape({ manifest }: OpenModel, { widthPx, heightPx }: GenerateRequest): LatentShape {
  const { channels, downscale } = manifest.latent;
  return [1, channels, heightPx / downscale, widthPx / downscale];
}

type Predict = (ask: Ask) => Promise<Float32Array>;

/** From the seed's noise, or from a source and the seed's noise, to the clean latent. */
function firstPass(
  job: PictureJob,
  shape: LatentShape,
  times: StageTimes,
  progress: Progress,
  answer: Predict,
  together: Together | null,
): Promise<Float32Array> {
  const { model, request, index, source } = job;
  const size = shape.reduce((a, b) => a * b);
  const { seed, variation } = seedsOf(request, index);
  const generator = new TorchGenerator(seed);
  const gaussian = () => generator.randn(size);
  const whole = scheduleOf(model, request, request.steps);
  // The reference draws from the encoder's posterior before it draws the noise.
  const clean = source ? sampleLatent(source.posterior, gaussian) : null;
  const own = gaussian();
  const noise =
    variation === undefined
      ? own
      : slerp(variation.strength, own, new TorchGenerator(variation.seed).randn(size), shape);
  const start =
    source && clean
      ? startFrom(source, clean, noise, whole, model.manifest.noise.path, gaussian)
      : { schedule: whole, initial: initialLatent(whole, noise) };
  const skipped = whole.points.length - start.schedule.points.length;
  return denoise(
    job,
    {
      shape,
      ...start,
      gaussian,
      progress,
      trace: job.trace,
      // Prompts that change on the way change at the same point of the whole schedule.
      predict: (ask) => answer({ ...ask, step: ask.step + skipped }),
      together,
    },
    times,
  );
}

/** Where a walk from a source sets in, and what keeps it to the source where that is not drawn anew. */
function startFrom(
  { init, cells }: Source,
  clean: Float32Array,
  noise: Float32Array,
  whole: Schedule,
  path: Schedule['path'],
  gaussian: () => Float32Array,
): { schedule: Schedule; initial: Float32Array; settle?: Settle } {
  const steps = whole.points.length - 1;
  const schedule = cutSchedule(whole, stepsSkipped(path, steps, init.strength));
  const first = schedule.points[0]!;
  if (cells === null) return { schedule, initial: noised(clean, noise, first) };
  const inside = init.mask?.content === 'noise' ? blend(clean, gaussian(), cells) : clean;
  // At full strength the reference's inpainting starts from noise alone.
  const initial = init.strength === 1 ? initialLatent(whole, noise) : noised(inside, noise, first);
  const end = schedule.points.at(-1)!;
  const settle: Settle = (x, at) => blend(at === end ? clean : noised(clean, noise, at), x, cells);
  return { schedule, initial, settle };
}

/** @param cells of one channel: where they are, `inside` is taken */
function blend(outside: Float32Array, inside: Float32Array, cells: Uint8Array): Float32Array {
  return outside.map((value, i) => (cells[i % cells.length] === 1 ? inside[i]! : value));
}
