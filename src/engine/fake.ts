/**
 * An engine that paints instead of thinking, for component tests and for working on the page. Never in a build.
 */
import type { Failure } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { Calibration } from '#core/passport/calibration.ts';
import type { ModelCost } from '#core/passport/model-cost.ts';
import type { AtOnce } from '#core/pipeline/at-once.ts';
import { type GenerateRequest, pictureRequest, seedsOf } from '#core/pipeline/request.ts';
import type {
  AddAdapterResult,
  CalibrationResult,
  DeviceChoice,
  DeviceReport,
  FitResult,
  GenerateEvent,
  GenerateOutcome,
  InspectResult,
  PreviewMode,
  UpscaleEvent,
  UpscaleOutcome,
} from '#engine/api.ts';

export interface FakeOptions {
  /** Wait of one step in milliseconds. */
  stepMs?: number;
  /** The PNG of a picture; the default is a few bytes that only look like one. */
  paint?: (request: GenerateRequest, seed: number) => Promise<Blob>;
  preview?: (request: GenerateRequest, seed: number, done: number) => Promise<ImageBitmap | null>;
  models?: Manifest[];
  /** Fails each run after this many steps. */
  failWith?: Failure;
}

export interface FakeJob {
  request: GenerateRequest;
  device: DeviceChoice;
  preview: PreviewMode;
  upscale?: boolean;
  firstIndex?: number;
  atOnce?: AtOnce;
  files?: Readonly<Record<string, Blob>>;
}

export interface FakeUpscale {
  picture: Blob;
  device: DeviceChoice;
}

export function createFakeEngine(options: FakeOptions = {}) {
  const stepMs = options.stepMs ?? 0;
  const paint = options.paint ?? paintNothing;
  const jobs: FakeJob[] = [];
  const upscales: FakeUpscale[] = [];
  let isLoaded = false;

  async function* walk(job: FakeJob, signal: AbortSignal): AsyncGenerator<GenerateEvent, GenerateOutcome> {
    const { request } = job;
    if (!isLoaded) {
      const totalBytes = 31_400_000;
      for (let part = 1; part <= 6; part++) {
        await sleep(stepMs / 2);
        if (signal.aborted) return { outcome: 'cancelled', pictures: 0 };
        yield { kind: 'loading', file: 'denoiser', loadedBytes: (totalBytes * part) / 6, totalBytes };
      }
      yield { kind: 'preparing', part: 'denoiser' };
      await sleep(stepMs / 2);
      isLoaded = true;
    }
    yield { kind: 'text' };
    for (let index = job.firstIndex ?? 0; index < request.count; index++) {
      const { seed } = seedsOf(request, index);
      for (let step = 1; step <= request.steps; step++) {
        await sleep(stepMs);
        if (signal.aborted) return { outcome: 'cancelled', pictures: index };
        const left = (request.count - index) * request.steps - step;
        yield { kind: 'step', index, step, steps: request.steps, secondsLeft: (left * stepMs) / 1000 };
        if (options.failWith) return { outcome: 'failed', failure: options.failWith, pictures: index };
        const bitmap =
          job.preview === 'off' ? null : await options.preview?.(request, seed, step / request.steps);
        if (bitmap) yield { kind: 'preview', index, bitmap };
      }
      yield { kind: 'decode', index };
      const png = await paint(request, seed);
      yield { kind: 'picture', picture: toPicture(request, index, seed, png, stepMs) };
    }
    return { outcome: 'done', pictures: request.count };
  }

  return {
    jobs,
    upscales,
    probe: async (choice: DeviceChoice): Promise<DeviceReport> => fakeReport(choice),
    calibrate: async (): Promise<CalibrationResult> => ({ ok: true, calibration: FAKE_CALIBRATION }),
    addAdapter: async (_file: Blob, fileName: string): Promise<AddAdapterResult> => ({
      ok: false,
      failure: { code: 'adapter-missing', adapter: fileName },
    }),
    checkAdapter: async (_file: Blob, fileName: string): Promise<AddAdapterResult> => ({
      ok: false,
      failure: { code: 'adapter-missing', adapter: fileName },
    }),
    fitAdapters: async (_modelId: string, _sha256s: readonly string[]): Promise<FitResult> => ({
      ok: true,
      misfits: {},
    }),
    inspect: async (): Promise<InspectResult> => ({ ok: true, cost: FAKE_COST, drawsTogether: true }),
    listModels: async () => ({ ok: true as const, models: options.models ?? [FAKE_MODEL, FAKE_DISTILLED] }),
    generate: async (
      job: FakeJob,
      onEvent: (event: GenerateEvent) => void,
      signal: AbortSignal,
    ): Promise<GenerateOutcome> => {
      jobs.push(job);
      const events = walk(job, signal);
      for (;;) {
        const next = await events.next();
        if (next.done) return next.value;
        onEvent(next.value);
      }
    },
    upscale: async (
      job: FakeUpscale,
      onEvent: (event: UpscaleEvent) => void,
      signal: AbortSignal,
    ): Promise<UpscaleOutcome> => {
      upscales.push(job);
      for (let tile = 1; tile <= 4; tile++) {
        await sleep(stepMs);
        if (signal.aborted) return { outcome: 'cancelled' };
        onEvent({ kind: 'tile', tile, tiles: 4, secondsLeft: ((4 - tile) * stepMs) / 1000 });
        if (options.failWith) return { outcome: 'failed', failure: options.failWith };
      }
      const side = { widthPx: 256, heightPx: 256 };
      const parameters = 'Hires upscale: 2, Hires upscaler: fake';
      return {
        outcome: 'done',
        picture: { png: job.picture, ...side, device: 'cpu', elapsedMs: 8, parameters },
      };
    },
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function paintNothing(): Promise<Blob> {
  return new Blob([new Uint8Array([0x89, 0x50, 0x4e, 0x47])], { type: 'image/png' });
}

function toPicture(request: GenerateRequest, index: number, seed: number, png: Blob, stepMs: number) {
  const { prompt, steps, sampler, guidanceScale, widthPx, heightPx } = request;
  return {
    index,
    seed,
    png,
    widthPx,
    heightPx,
    times: {
      loadMs: 0,
      textMs: 8,
      stepsMs: Array.from({ length: steps }, () => stepMs),
      decodeMs: 20,
      encodeMs: 4,
    },
    device: 'cpu' as const,
    request: pictureRequest(request, index),
    parameters: `${prompt}\nSteps: ${steps}, Sampler: ${sampler}, CFG scale: ${guidanceScale}, Seed: ${seed}, Size: ${widthPx}x${heightPx}`,
  };
}

function fakeReport(choice: DeviceChoice): DeviceReport {
  return {
    chosen: 'cpu',
    choice,
    reason: 'Running on CPU, 2 threads: this browser offers only a software GPU adapter.',
    gpu: {
      vendor: 'google',
      architecture: 'swiftshader',
      description: 'SwiftShader',
      software: true,
      shaderF16: false,
      maxBufferSize: 2 ** 30,
      maxStorageBufferBindingSize: 2 ** 30,
    },
    gpuMissing: null,
    cpu: { cores: 2, threads: 2, crossOriginIsolated: true, simd: true },
    memoryGiB: 8,
    runtime: 'jspi',
  };
}

const FAKE_CALIBRATION: Calibration = {
  device: 'cpu',
  matmulFlopsPerSecond: 20e9,
  convFlopsPerSecond: 10e9,
  bytesPerSecond: 4e9,
  secondsPerNode: 4e-6,
};

const FAKE_PART: ModelCost[string] = {
  matmulFlops: 1e9,
  convFlops: 1e9,
  movedBytes: 5e7,
  nodes: 300,
  weightBytes: 1e7,
  packedBytes: 0,
  largestWeightBytes: 4e5,
  peakActivationBytes: 2e6,
  uncounted: 0,
};
const FAKE_COST: ModelCost = { 'text-encoder': FAKE_PART, denoiser: FAKE_PART, decoder: FAKE_PART };

const file = (sizeBytes: number) => ({ sizeBytes, sha256: '0'.repeat(64) });
const graph = (name: string) => ({
  variants: [{ id: 'q8', compute: 'float32' as const, graph: `${name}.onnx`, weights: [] }],
});

export const FAKE_MODEL: Manifest = {
  format: 1,
  id: 'kiln-starter',
  name: 'Kiln Starter',
  summary: 'Everyday objects in soft 3D on coloured grounds.',
  licence: {
    spdx: 'MIT',
    plain: 'Use it, change it, sell what you make with it.',
    url: 'https://spdx.org/licenses/MIT.html',
  },
  family: 'kiln-dit-s',
  noise: { path: 'flow', prediction: 'v_prediction', trainTimesteps: 1000, shift: 1 },
  latent: { channels: 12, downscale: 8, scale: 1, shift: 0 },
  sizes: { default: { widthPx: 128, heightPx: 128 }, multiplePx: 16, minPx: 64, maxPx: 256 },
  steps: { default: 4, min: 1, max: 50 },
  samplers: { default: 'flow-euler' },
  schedules: { default: 'simple' },
  guidance: { kind: 'classifier-free', default: 2, max: 12 },
  tokenizers: {
    clip: {
      tokenizer: 'tokenizer.json',
      config: 'tokenizer_config.json',
      window: 77,
      startId: 0,
      endId: 1,
      padId: 1,
    },
  },
  textEncoders: [{ part: 'text-encoder', tokenizer: 'clip', embeddings: 'last_hidden_state' }],
  conditioning: { join: 'features', pooled: 'none', timeIds: false, zeroForEmptyNegative: false },
  denoiser: {
    part: 'denoiser',
    inputs: { sample: 'sample', timestep: 'timestep', text: 'text' },
    output: 'out',
  },
  decoder: { part: 'decoder', input: 'latent', output: 'image' },
  preview: {
    weights: Array.from({ length: 12 }, () => [0, 0, 0] as [number, number, number]),
    bias: [0, 0, 0],
  },
  parts: { 'text-encoder': graph('text'), denoiser: graph('denoiser'), decoder: graph('decoder') },
  files: {
    'tokenizer.json': file(90_000),
    'tokenizer_config.json': file(900),
    'text.onnx': file(4_200_000),
    'denoiser.onnx': file(18_600_000),
    'decoder.onnx': file(4_400_000),
  },
};

export const FAKE_DISTILLED: Manifest = {
  ...FAKE_MODEL,
  id: 'kiln-starter-turbo',
  name: 'Kiln Starter Turbo',
  summary: 'The same objects in one to four steps.',
  steps: { default: 1, min: 1, max: 4 },
  sizes: { ...FAKE_MODEL.sizes, only: [{ widthPx: 128, heightPx: 128 }] },
  guidance: { kind: 'distilled' },
  samplers: { default: 'flow-euler', only: ['flow-euler'] },
  schedules: { default: 'simple', only: ['simple'] },
};
