/**
 * The wire between the page and the diffusion worker: types only, plain data both ways.
 * What a person can act on comes back as a value; nothing is thrown across.
 */
import type { Failure, Notice } from '#core/failure.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';

export type DeviceKind = 'webgpu' | 'cpu';
export type DeviceChoice = 'auto' | DeviceKind;

/** What this device is and why the engine chose as it did. Sizes in bytes. */
export interface DeviceReport {
  chosen: DeviceKind;
  /** One sentence, for people. */
  reason: string;
  choice: DeviceChoice;
  gpu: {
    vendor: string;
    architecture: string;
    description: string;
    /** A software adapter computes on the CPU and is slower than WebAssembly. */
    software: boolean;
    shaderF16: boolean;
    maxBufferSize: number;
    maxStorageBufferBindingSize: number;
  } | null;
  /** Why there is no adapter, when there is none. */
  gpuMissing: string | null;
  cpu: { cores: number; threads: number; crossOriginIsolated: boolean; simd: boolean };
  /** `navigator.deviceMemory` in GiB, coarse, where the browser tells it. */
  memoryGiB: number | null;
  /** Which build of the runtime runs. */
  runtime: 'jspi' | 'asyncify';
}

/** Milliseconds of each stage of one picture. `steps` has one entry a denoiser evaluation group (one sampler step). */
export interface StageTimes {
  loadMs: number;
  textMs: number;
  stepsMs: number[];
  decodeMs: number;
  encodeMs: number;
}

/** A finished picture: a PNG that remembers its request. */
export interface Picture {
  index: number;
  seed: number;
  png: Blob;
  widthPx: number;
  heightPx: number;
  times: StageTimes;
  device: DeviceKind;
  /** The request of this one picture: its own seed, count 1. */
  request: GenerateRequest;
  /** The field's `parameters` text, as written into the PNG. */
  parameters: string;
}

export type GenerateEvent =
  | { kind: 'loading'; file: string; loadedBytes: number; totalBytes: number }
  | { kind: 'preparing'; part: string }
  | { kind: 'text' }
  | { kind: 'step'; index: number; step: number; steps: number; secondsLeft: number | null }
  | { kind: 'preview'; index: number; bitmap: ImageBitmap }
  /** Only with `trace`: the network's input at the start of a step, and the final latent as step `steps`. */
  | { kind: 'trace'; index: number; step: number; latent: Float32Array }
  | { kind: 'decode'; index: number }
  | { kind: 'picture'; picture: Picture }
  | { kind: 'notice'; notice: Notice };

export type GenerateOutcome =
  | { outcome: 'done'; pictures: number }
  | { outcome: 'cancelled'; pictures: number }
  | { outcome: 'failed'; failure: Failure; pictures: number };

/** `broken`: as failed, and the worker's runtime is gone with it, so that only another worker can go on. */
export type WorkerOutcome = GenerateOutcome | { outcome: 'broken'; failure: Failure; pictures: number };

/** `linear`: the manifest's latent-to-RGB map; `decoder`: the real decoder each step; both fall to the other when absent. */
export type PreviewMode = 'off' | 'linear' | 'decoder';

export interface GenerateJob {
  id: string;
  request: GenerateRequest;
  device: DeviceChoice;
  preview: PreviewMode;
  /** Pictures before this index exist already: a job that goes on after a crash starts here. */
  firstIndex: number;
  /** Refuse a graph of which any node would fall from the GPU to the CPU. */
  strictGpu: boolean;
  /** Send every step's latent too: for checking against the references. */
  trace: boolean;
}

export interface EngineApi {
  probe(choice: DeviceChoice): Promise<DeviceReport>;
  generate(job: GenerateJob, onEvent: (event: GenerateEvent) => void | Promise<void>): Promise<WorkerOutcome>;
  /** Stops the job after the step it is in. Unknown ids are ignored. */
  cancel(jobId: string): Promise<void>;
  /** Answers at once while the worker's event loop is alive. */
  ping(): Promise<void>;
}
