/**
 * The wire between the page and the diffusion worker: types only, plain data both ways.
 * What a person can act on comes back as a value; nothing is thrown across.
 */
import type { Failure, Notice } from '#core/failure.ts';
import type { Calibration } from '#core/passport/calibration.ts';
import type { ModelCost, Size } from '#core/passport/model-cost.ts';
import type { AtOnce } from '#core/pipeline/at-once.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { AdapterCard } from '#storage/adapters.ts';

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

/**
 * Milliseconds of each stage of one picture. `steps` has one entry a denoiser evaluation group (one sampler step); of a
 * step that several pictures made together, each has its share.
 */
export interface StageTimes {
  loadMs: number;
  textMs: number;
  stepsMs: number[];
  decodeMs: number;
  encodeMs: number;
  /** Only of a picture that was upscaled. */
  upscaleMs?: number;
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
  /** How many were drawn together, itself included; absent for one that was drawn alone. */
  together?: number;
}

/** Pictures that are drawn in the same runs of the network: from `first`, `size` of them. */
export interface Together {
  first: number;
  size: number;
}

export type GenerateEvent =
  | { kind: 'loading'; file: string; loadedBytes: number; totalBytes: number }
  /** `adapterRank`: with branches for adapters of this rank; once a part and bucket, not with every adapter. */
  | { kind: 'preparing'; part: string; adapterRank?: number }
  | { kind: 'text' }
  /** `index` is the first of those that are drawn together. */
  | {
      kind: 'step';
      index: number;
      step: number;
      steps: number;
      secondsLeft: number | null;
      together?: Together;
    }
  | { kind: 'preview'; index: number; bitmap: ImageBitmap }
  /** Only with `trace`: the network's input at the start of a step, and the final latent as step `steps`. */
  | { kind: 'trace'; index: number; step: number; latent: Float32Array }
  | { kind: 'decode'; index: number; together?: Together }
  /** Only with `upscale`: so many of its tiles are done. */
  | { kind: 'upscale'; index: number; tile: number; tiles: number }
  /** Before each picture: the most memory that the runtime and the GPU have held so far. */
  | { kind: 'held'; peakBytes: number }
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
  /** Enlarge each picture before it is handed over; one that would become too large fails before it is drawn. */
  upscale: boolean;
  /** Pictures that the network draws in one run, where model and request allow it. */
  atOnce: AtOnce;
  /** Sources and masks that the request names and that are not kept, by their sha256. */
  files?: Readonly<Record<string, Blob>>;
}

/** A picture to enlarge, as a file that the browser can decode. */
export interface UpscaleJob {
  id: string;
  picture: Blob;
  device: DeviceChoice;
  /** As of `GenerateJob`. */
  strictGpu: boolean;
}

export type UpscaleEvent =
  | Extract<GenerateEvent, { kind: 'loading' | 'preparing' | 'notice' }>
  | { kind: 'tile'; tile: number; tiles: number; secondsLeft: number | null };

/** The enlarged picture: a PNG with the texts of its source, which also say that it was enlarged. */
export interface UpscaledPicture {
  png: Blob;
  widthPx: number;
  heightPx: number;
  device: DeviceKind;
  /** From the decoded source to the file. */
  elapsedMs: number;
  /** The field's text as written into the PNG; empty where the source had none. */
  parameters: string;
}

export type UpscaleOutcome =
  | { outcome: 'done'; picture: UpscaledPicture }
  | { outcome: 'cancelled' }
  | { outcome: 'failed'; failure: Failure };

/** `broken` as of `WorkerOutcome`. */
export type UpscaleWorkerOutcome = UpscaleOutcome | { outcome: 'broken'; failure: Failure };

export type CalibrationResult = { ok: true; calibration: Calibration } | { ok: false; failure: Failure };

/** The cost of one run of each part, at one size, for one picture. */
export type InspectResult =
  /** `drawsTogether`: its denoiser takes several pictures in one run. */
  { ok: true; cost: ModelCost; drawsTogether: boolean } | { ok: false; failure: Failure };

/** The card of an adapter that was kept, or why it was not. */
export type AddAdapterResult = { ok: true; card: AdapterCard } | { ok: false; failure: Failure };

/** Why the model cannot use an adapter, by its sha256, for those that it cannot. */
export type FitResult = { ok: true; misfits: Record<string, Failure> } | { ok: false; failure: Failure };

export interface EngineApi {
  probe(choice: DeviceChoice): Promise<DeviceReport>;
  /** Measures the device that the choice comes to, after the jobs that were asked for before. */
  calibrate(choice: DeviceChoice): Promise<CalibrationResult>;
  /** Counts what a model's graphs do, without opening them. */
  inspect(modelId: string, size: Size): Promise<InspectResult>;
  /** Checks an adapter's file and keeps it; listing and removing is the storage's own. */
  addAdapter(file: Blob, fileName: string): Promise<AddAdapterResult>;
  /** The same without keeping it: for files that come with a kit and are kept with it. */
  checkAdapter(file: Blob, fileName: string): Promise<AddAdapterResult>;
  /** Compares kept adapters with a model's graphs by names and shapes, without opening either. */
  fitAdapters(modelId: string, sha256s: readonly string[]): Promise<FitResult>;
  generate(job: GenerateJob, onEvent: (event: GenerateEvent) => void | Promise<void>): Promise<WorkerOutcome>;
  upscale(
    job: UpscaleJob,
    onEvent: (event: UpscaleEvent) => void | Promise<void>,
  ): Promise<UpscaleWorkerOutcome>;
  /** Stops the job after the step or the tile it is in. Unknown ids are ignored. */
  cancel(jobId: string): Promise<void>;
  /** Answers at once while the worker's event loop is alive. */
  ping(): Promise<void>;
}
