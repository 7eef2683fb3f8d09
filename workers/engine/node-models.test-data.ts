/** Opens the tiny models in Node, through the same fetch, guard and runtime as in the worker. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import type { Manifest } from '#core/models/manifest.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { Pixels } from '#core/pixels/pixels.ts';
import type { GenerateEvent } from '#engine/api.ts';
import { fetchManifest } from '#storage/models.ts';
import { opaqueRgb } from '../../e2e/pipeline-goldens.ts';
import { applyAdapters, branchesFor } from './adapters-apply.ts';
import { Adapters } from './adapters.ts';
import { type OpenModel, openModel } from './model.ts';
import { makePixels } from './picture.ts';
import { preparePrompts, type Prompts } from './prompts.ts';
import type { Enlarge } from './second-pass.ts';
import { type InputPictures, prepareSource } from './source.ts';

/** Where the models lie that are served unless a test says otherwise. */
const FOLDER = join(import.meta.dirname, '../../e2e/models');

const NONE = new Adapters({ list: async () => [], open: async () => null });

export interface MadeInNode {
  /** The latent before each step, and the last one. */
  latents: Float32Array[];
  prompts: Prompts;
  /** RGB bytes, row by row. */
  picture: Uint8Array;
  pixels: Pixels;
  events: GenerateEvent[];
}

export interface NodeModels {
  manifest(id: string): Promise<Manifest>;
  /** The model as `make` opened it; null before that. */
  model(id: string): OpenModel | null;
  /** @param noise where a test reads the same weights otherwise than the manifest says */
  make(
    request: GenerateRequest,
    options?: {
      index?: number;
      noise?: Partial<Manifest['noise']>;
      adapters?: Adapters;
      /** What the request starts from. */
      inputs?: InputPictures;
      enlarge?: Enlarge;
    },
  ): Promise<MadeInNode>;
  close(): Promise<void>;
}

export async function serveModels(folder = FOLDER): Promise<NodeModels> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://x').pathname).replace(/^\/models\//, '');
    try {
      response.end(readFileSync(join(folder, path)));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  // A connection that lay idle while graphs ran must not be closed just as it is used again.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { location: before } = globalThis;
  Object.assign(globalThis, { location: { origin, href: `${origin}/` }, crossOriginIsolated: false });
  if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { hardwareConcurrency: 1 } });

  const { signal } = new AbortController();
  const opened = new Map<string, OpenModel>();

  async function open(
    id: string,
    noise: Partial<Manifest['noise']>,
    branches: ReturnType<typeof branchesFor>,
  ): Promise<OpenModel> {
    const key = JSON.stringify([id, noise]);
    let model = opened.get(key);
    if (model === undefined) {
      const served = await fetchManifest(id, signal);
      const manifest = { ...served, noise: { ...served.noise, ...noise } } as Manifest;
      model = await openModel({
        manifest,
        gpu: null,
        float16: false,
        strictGpu: false,
        branches,
        signal,
        emit: () => {},
      });
      opened.set(key, model);
    }
    return model;
  }

  return {
    manifest: (id) => fetchManifest(id, signal),
    model: (id) => opened.get(JSON.stringify([id, {}])) ?? null,
    make: async (request, { index = 0, noise = {}, adapters = NONE, inputs, enlarge } = {}) => {
      const latents: Float32Array[] = [];
      const events: GenerateEvent[] = [];
      const emit = (event: GenerateEvent) => {
        events.push(event);
        if (event.kind === 'trace') latents[event.step] = event.latent;
      };
      const manifest = await fetchManifest(request.modelId, signal);
      const active = await adapters.resolve(request, manifest, emit);
      const model = await open(request.modelId, noise, branchesFor(manifest, active));
      await applyAdapters(model, active, { signal, emit });
      const { vocabularies, uses: words } = await adapters.newWords(request);
      const prompts = await preparePrompts(model, request, vocabularies, signal, emit);
      const { pixels } = await makePixels({
        model,
        request,
        prompts,
        adapters: active.map(({ use }) => use),
        words,
        source: inputs ? await prepareSource(model, request, inputs, { signal, emit }) : null,
        ...(enlarge ? { enlarge } : {}),
        index,
        preview: 'off',
        device: 'cpu',
        loadMs: 0,
        trace: true,
        signal,
        emit,
      });
      return { latents, prompts, picture: opaqueRgb(pixels.data), pixels, events };
    },
    close: async () => {
      for (const model of opened.values()) await model.release();
      Object.assign(globalThis, { location: before });
      server.close();
    },
  };
}
