/** The denoiser and the decoder as functions, fed as the manifest says. */
import { FailureError } from '#core/failure.ts';
import { guidanceEmbedding, guide } from '#core/sampling/denoise.ts';
import type { Ask } from '#core/sampling/schedule.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { Feed, Session } from '../runtime/ort.ts';
import type { OpenModel } from './model.ts';
import type { Prompts } from './prompts.ts';
import type { Conditioning } from './text.ts';

/** [batch, channels, height, width] of a latent. */
export type LatentShape = readonly [number, number, number, number];

/** LCM's width, for manifests that do not say. */
const GUIDANCE_WIDTH = 256;

export interface Network {
  model: OpenModel;
  request: GenerateRequest;
  prompts: Prompts;
  shape: LatentShape;
}

/** The network's answer to what a sampler asks, guided where the model is. */
export async function predict(network: Network, ask: Ask): Promise<Float32Array> {
  const { prompts, request } = network;
  const conditional = await runDenoiser(network, [{ ask, told: prompts.positive(ask.step) }]);
  if (prompts.negative === null) return conditional;
  const unconditional = await runDenoiser(network, [{ ask, told: prompts.negative(ask.step) }]);
  return guide(conditional, unconditional, request.guidanceScale, request.guidanceRescale);
}

/** What the walk of one of several pictures asks, and what the network is told of that picture. */
export interface Question {
  ask: Ask;
  prompts: Prompts;
}

/** One latent in, and what is told with it. */
interface Row {
  ask: Ask;
  told: Conditioning;
}

/**
 * The answers to the walks of several pictures, with and without their prompts in the same run. Prompts of other
 * lengths cannot lie in one tensor, and make a run of their own.
 * @param batched as `batchedInputs` finds them
 */
export async function predictTogether(
  network: Omit<Network, 'prompts'>,
  batched: ReadonlySet<string>,
  questions: readonly Question[],
): Promise<Float32Array[]> {
  const { request } = network;
  const rows = questions.flatMap(({ ask, prompts: { positive, negative } }): Row[] => [
    { ask, told: positive(ask.step) },
    ...(negative === null ? [] : [{ ask, told: negative(ask.step) }]),
  ]);
  const byLength = new Map<number, Row[]>();
  for (const row of rows) {
    const [, tokens] = row.told.text.dims;
    byLength.set(tokens, [...(byLength.get(tokens) ?? []), row]);
  }
  const answers = new Map<Row, Float32Array>();
  for (const alike of byLength.values()) {
    const joined = await runDenoiser(network, alike, batched);
    const size = joined.length / alike.length;
    for (const [i, row] of alike.entries()) answers.set(row, joined.slice(i * size, (i + 1) * size));
  }
  let at = 0;
  return questions.map(({ prompts }) => {
    const conditional = answers.get(rows[at++]!)!;
    if (prompts.negative === null) return conditional;
    const unconditional = answers.get(rows[at++]!)!;
    return guide(conditional, unconditional, request.guidanceScale, request.guidanceRescale);
  });
}

/** @param batched inputs that take a value for each row; needed for more than one */
async function runDenoiser(
  { model, request, shape }: Omit<Network, 'prompts'>,
  rows: readonly Row[],
  batched: ReadonlySet<string> = new Set(),
): Promise<Float32Array> {
  const { part, inputs, output } = model.manifest.denoiser;
  const feeds: Record<string, Feed> = {};
  const feed = (name: string | undefined, of: (row: Row) => Feed | null) => {
    const values = name === undefined ? [] : rows.map(of).filter((value) => value !== null);
    const [first] = values;
    if (name === undefined || first === undefined) return;
    feeds[name] = rows.length === 1 || !batched.has(name) ? first : stack(values);
  };
  feed(inputs.sample, ({ ask }) => ({ data: ask.x, dims: shape }));
  feed(inputs.timestep, ({ ask }) => ({ data: Float32Array.of(ask.timestep), dims: [1] }));
  feed(inputs.text, ({ told }) => told.text);
  feed(inputs.pooled, ({ told }) => told.pooled);
  feed(inputs.timeIds, () => timeIds(request));
  feed(inputs.guidance, () => guidanceFeed(model, request.guidanceScale));
  const answer = await model.session(part).run(feeds, [output]);
  return answer[output]!.data;
}

/** Values of one shape as the rows of one tensor. */
function stack(rows: readonly Feed[]): Feed {
  const [first] = rows;
  if (first === undefined) throw new RangeError('There is nothing to stack.');
  const data = new Float32Array(first.data.length * rows.length);
  for (const [i, row] of rows.entries()) data.set(row.data, i * first.data.length);
  return { data, dims: [rows.length * (first.dims[0] ?? 1), ...first.dims.slice(1)] };
}

/** Original size, crop offset and target size, each as height and width (Podell et al. 2023, section 2.2). */
function timeIds({ widthPx, heightPx }: GenerateRequest): Feed {
  return { data: Float32Array.of(heightPx, widthPx, 0, 0, heightPx, widthPx), dims: [1, 6] };
}

function guidanceFeed({ manifest }: OpenModel, scale: number): Feed {
  const { guidance } = manifest;
  if (guidance.kind !== 'embedded' || guidance.form === 'scalar')
    return { data: Float32Array.of(scale), dims: [1] };
  const width = guidance.width ?? GUIDANCE_WIDTH;
  return { data: guidanceEmbedding(scale, width), dims: [1, width] };
}

/**
 * A latent as pixels.
 * @returns [3, height, width] in -1..1, a little beyond where the decoder overshoots
 */
export async function decode(
  model: OpenModel,
  latent: Float32Array,
  shape: LatentShape,
): Promise<Float32Array> {
  const { decoder, latent: space } = model.manifest;
  const data = latent.map((value) => value / space.scale + space.shift);
  const answer = await model
    .session(decoder.part)
    .run({ [decoder.input]: { data, dims: shape } }, [decoder.output]);
  return answer[decoder.output]!.data;
}

/** What an encoder says of a picture: where its latent lies, and how unsure it is where it tells. */
export interface Posterior {
  /** In the denoiser's scale. */
  mean: Float32Array;
  deviation: Float32Array | null;
}

/** The log-variance is held between these, as the reference's is. */
const LOG_VARIANCE = { min: -30, max: 20 };

/**
 * A picture as a latent. An export that answers with twice the channels tells mean and log-variance.
 * @param rgb [3, height, width] in -1..1
 * @throws FailureError `result-invalid`
 */
export async function encode(
  { manifest }: OpenModel,
  session: Session,
  rgb: Float32Array,
  [, channels, height, width]: LatentShape,
): Promise<Posterior> {
  const { encoder, latent: space } = manifest;
  if (encoder === undefined) throw new Error('The model has no encoder.');
  const dims = [1, 3, height * space.downscale, width * space.downscale];
  const answer = await session.run({ [encoder.input]: { data: rgb, dims } }, [encoder.output]);
  const { data } = answer[encoder.output]!;
  if (!data.every(Number.isFinite)) {
    throw new FailureError({ code: 'result-invalid', kind: 'nan', stage: 'encode', step: null });
  }
  const size = channels * height * width;
  const mean = data.slice(0, size).map((value) => (value - space.shift) * space.scale);
  if (data.length === size) return { mean, deviation: null };
  if (data.length !== 2 * size)
    throw new Error(`The encoder answers with ${data.length} values for ${size}.`);
  const deviation = data.slice(size).map((logVariance) => {
    const held = Math.min(Math.max(logVariance, LOG_VARIANCE.min), LOG_VARIANCE.max);
    return Math.exp(held / 2) * space.scale;
  });
  return { mean, deviation };
}

/** A latent of a posterior: drawn where its deviation is known, as the reference does, else its mean. */
export function sampleLatent({ mean, deviation }: Posterior, gaussian: () => Float32Array): Float32Array {
  if (deviation === null) return mean;
  const drawn = gaussian();
  return mean.map((value, i) => value + deviation[i]! * drawn[i]!);
}

/** @throws FailureError `result-invalid` for pixels that are no numbers or all the same */
export function checkPixels(rgb: Float32Array) {
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
