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
import {
  deviation,
  type GoldenCase,
  goldenCases,
  goldenFloats,
  goldenLatents,
  goldenPicture,
  opaqueRgb,
  psnrDb,
  relativeError,
  wrongRequests,
} from '../../e2e/pipeline-goldens.ts';
import { type OpenModel, openModel } from './model.ts';
import { makePixels } from './picture.ts';
import { preparePrompts } from './prompts.ts';
import { toRgba } from '../runtime/pixels.ts';

const ROOT = join(import.meta.dirname, '../..');

function rgbBytes(rgb: Float32Array, { widthPx, heightPx }: GenerateRequest): Uint8Array {
  return opaqueRgb(toRgba(rgb, widthPx, heightPx));
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

describe.each(goldenCases())('$id', (golden) => {
  it('agrees with the reference at every stage', async () => {
    const { latents, prompts, picture } = await run(golden);
    expect(relativeError(prompts.positive(0).text.data, goldenFloats(golden, 'text'))).toBeLessThan(1e-4);
    if (golden.tensors.negativeText && prompts.negative !== null) {
      const negative = goldenFloats(golden, 'negativeText');
      expect(relativeError(prompts.negative(0).text.data, negative)).toBeLessThan(1e-4);
    }
    const expected = goldenLatents(golden);
    expect(expected.length).toBe(golden.request.steps);
    for (const [i, latent] of expected.entries()) {
      expect(relativeError(latents[i + 1]!, latent), `latent after step ${i + 1}`).toBeLessThan(1e-3);
    }
    expect(psnrDb(picture, goldenPicture(golden))).toBeGreaterThan(40);
    expect(deviation(picture)).toBeGreaterThan(40);
  });

  it('is told from a wrong seed, a wrong sampler and a wrong prompt', async () => {
    for (const change of wrongRequests(golden)) {
      const { picture } = await run(golden, change);
      expect(psnrDb(picture, goldenPicture(golden)), JSON.stringify(change)).toBeLessThan(25);
    }
  });
});
