/**
 * The whole pipeline on the CPU, in Node, against what `diffusers` made of the same weights: the noise of a
 * seed, the text embeddings, the latent after every step, and the picture.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '#core/models/manifest.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { GenerateEvent } from '#engine/api.ts';
import { fetchManifest } from '#storage/models.ts';
import { type OpenModel, openModel } from './model.ts';
import { makePixels } from './picture.ts';
import { preparePrompts } from './prompts.ts';
import { toRgba } from '../runtime/pixels.ts';

const ROOT = join(import.meta.dirname, '../..');
const GOLDENS = join(ROOT, 'e2e/goldens/pipelines');

interface Place {
  type: 'float32' | 'uint8';
  shape: number[];
  offsetBytes: number;
}
interface GoldenCase {
  id: string;
  request: GenerateRequest;
  pictureIndex: number;
  coordinates: 'vp' | 've' | 'flow';
  /** Of the `ve` coordinates: one more than there are steps. */
  sigmas: number[] | null;
  file: string;
  /** Where the reference reads the same weights otherwise than the manifest says. */
  noise?: Partial<Manifest['noise']>;
  tensors: Record<'noise' | 'text' | 'latents' | 'picture', Place> & { negativeText?: Place | null };
}

const { cases } = JSON.parse(readFileSync(join(GOLDENS, 'cases.json'), 'utf8')) as { cases: GoldenCase[] };

function read({ file }: GoldenCase, place: Place): Float32Array | Uint8Array {
  const bytes = readFileSync(join(GOLDENS, file));
  const length = place.shape.reduce((a, b) => a * b);
  const start = bytes.byteOffset + place.offsetBytes;
  const slice = bytes.buffer.slice(start, start + length * (place.type === 'uint8' ? 1 : 4));
  return place.type === 'uint8' ? new Uint8Array(slice) : new Float32Array(slice);
}

/** Largest difference over the largest value. */
function relativeError(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  let largest = 0;
  for (const [i, value] of expected.entries()) {
    worst = Math.max(worst, Math.abs(actual[i]! - value));
    largest = Math.max(largest, Math.abs(value));
  }
  return worst / largest;
}

function psnrDb(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / a.length));
}

function deviation(values: Uint8Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
}

function rgbBytes(rgb: Float32Array, { widthPx, heightPx }: GenerateRequest): Uint8Array {
  const rgba = toRgba(rgb, widthPx, heightPx);
  return Uint8Array.from(
    { length: widthPx * heightPx * 3 },
    (_, i) => rgba[Math.floor(i / 3) * 4 + (i % 3)]!,
  );
}

let server: Server;
const opened = new Map<string, OpenModel>();
const signal = new AbortController().signal;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://x').pathname).replace(/^\/models\//, '');
    try {
      response.end(readFileSync(join(ROOT, 'e2e/models', path)));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(globalThis, { location: { origin, href: `${origin}/` }, crossOriginIsolated: false });
  if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { hardwareConcurrency: 1 } });
});

afterAll(async () => {
  for (const model of opened.values()) await model.release();
  server.close();
});

async function open(golden: GoldenCase): Promise<OpenModel> {
  const key = JSON.stringify([golden.request.modelId, golden.noise]);
  let model = opened.get(key);
  if (model === undefined) {
    const served = await fetchManifest(golden.request.modelId, signal);
    const manifest = { ...served, noise: { ...served.noise, ...golden.noise } } as Manifest;
    model = await openModel({
      manifest,
      gpu: null,
      float16: false,
      strictGpu: false,
      signal,
      emit: () => {},
    });
    opened.set(key, model);
  }
  return model;
}

async function run(golden: GoldenCase, changes: Partial<GenerateRequest> = {}) {
  const model = await open(golden);
  const request = { ...golden.request, ...changes };
  const latents: Float32Array[] = [];
  const emit = (event: GenerateEvent) => {
    if (event.kind === 'trace') latents[event.step] = event.latent;
  };
  const prompts = await preparePrompts(model, request, signal, emit);
  const { rgb } = await makePixels({
    model,
    request,
    prompts,
    index: golden.pictureIndex,
    preview: 'off',
    device: 'cpu',
    loadMs: 0,
    trace: true,
    signal,
    emit,
  });
  return { latents, prompts, picture: rgbBytes(rgb, request) };
}

/** The reference's latent in our coordinates: alpha·data + sigma·noise with alpha² + sigma² = 1 on the diffusion path. */
function inOurCoordinates(
  latent: Float32Array,
  coordinates: GoldenCase['coordinates'],
  sigma: number,
): Float32Array {
  return coordinates === 've' ? latent.map((value) => value / Math.sqrt(sigma ** 2 + 1)) : latent;
}

describe.each(cases)('$id', (golden) => {
  const expectedPicture = () => read(golden, golden.tensors.picture) as Uint8Array;

  it('agrees with the reference at every stage', async () => {
    const { latents, prompts, picture } = await run(golden);
    const text = read(golden, golden.tensors.text) as Float32Array;
    expect(relativeError(prompts.positive(0).text.data, text)).toBeLessThan(1e-4);
    if (golden.tensors.negativeText && prompts.negative !== null) {
      const negative = read(golden, golden.tensors.negativeText) as Float32Array;
      expect(relativeError(prompts.negative(0).text.data, negative)).toBeLessThan(1e-4);
    }
    const all = read(golden, golden.tensors.latents) as Float32Array;
    const [steps] = golden.tensors.latents.shape;
    const size = all.length / steps!;
    expect(steps).toBe(golden.request.steps);
    for (let step = 1; step <= steps!; step++) {
      const expected = inOurCoordinates(
        all.subarray((step - 1) * size, step * size),
        golden.coordinates,
        golden.sigmas?.[step] ?? 0,
      );
      expect(relativeError(latents[step]!, expected), `latent after step ${step}`).toBeLessThan(1e-3);
    }
    expect(psnrDb(picture, expectedPicture())).toBeGreaterThan(40);
    expect(deviation(picture)).toBeGreaterThan(40);
  });

  it('is told from a wrong seed, a wrong sampler and a wrong prompt', async () => {
    const { seed, sampler } = golden.request;
    const otherSampler =
      golden.request.modelId === 'tiny-flow' ? 'lcm' : sampler === 'euler-a' ? 'ddim' : 'euler-a';
    for (const change of [
      { seed: seed ^ 1 },
      { sampler: otherSampler },
      { prompt: 'a blue cat in the sea' },
    ]) {
      const { picture } = await run(golden, change);
      expect(psnrDb(picture, expectedPicture()), JSON.stringify(change)).toBeLessThan(25);
    }
  });
});
