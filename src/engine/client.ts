/**
 * The page's handle on the engine. It owns the worker: starts it when first needed, notices when it dies or
 * hangs, starts another, and goes on with the job where that makes sense. Never throws for what a person can
 * act on.
 */
import * as Comlink from 'comlink';
import type { Failure, Notice } from '#core/failure.ts';
import type { AtOnce } from '#core/pipeline/at-once.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { Size } from '#core/passport/model-cost.ts';
import { listModels, type ModelsResult } from '#storage/models.ts';
import type {
  AddAdapterResult,
  CalibrationResult,
  DeviceChoice,
  DeviceReport,
  FitResult,
  EngineApi,
  GenerateEvent,
  GenerateJob,
  InspectResult,
  GenerateOutcome,
  PreviewMode,
  UpscaleEvent,
  UpscaleJob,
  UpscaleOutcome,
} from './api.ts';
import { type Pace, Watchdog } from './watchdog.ts';

export interface ClientJob {
  request: GenerateRequest;
  device: DeviceChoice;
  preview: PreviewMode;
  /** Refuse graphs of which a node would run on the CPU although the GPU was asked for. */
  strictGpu?: boolean;
  /** Send `trace` events. */
  trace?: boolean;
  /** Enlarge each picture before it is handed over. */
  upscale?: boolean;
  /** Pictures before this one exist already. */
  firstIndex?: number;
  /** Pictures that are drawn in one run of the network; `auto` when not given. */
  atOnce?: AtOnce;
  /** As of `GenerateJob`. */
  files?: Readonly<Record<string, Blob>>;
}

export interface ClientUpscaleJob {
  /** As a file that the browser can decode. */
  picture: Blob;
  device: DeviceChoice;
  strictGpu?: boolean;
}

export interface EngineClient {
  /** @throws Error when the worker cannot be started at all */
  probe(choice: DeviceChoice): Promise<DeviceReport>;
  /** Measures how fast the device computes: about a second. */
  calibrate(choice: DeviceChoice): Promise<CalibrationResult>;
  /** Counts what a model's graphs do at a size, without opening them. */
  inspect(modelId: string, size: Size): Promise<InspectResult>;
  /** Checks an adapter's file and keeps it under its name. */
  addAdapter(file: Blob, fileName: string): Promise<AddAdapterResult>;
  /** Checks an adapter's file and keeps nothing. */
  checkAdapter(file: Blob, fileName: string): Promise<AddAdapterResult>;
  /** Tells which kept adapters a model cannot use, by names and shapes. */
  fitAdapters(modelId: string, sha256s: readonly string[]): Promise<FitResult>;
  listModels(): Promise<ModelsResult>;
  /**
   * Makes the pictures of a request, which land one after the other.
   * @param signal stops the job after the step it is in; a worker that does not answer is ended instead
   */
  generate(
    job: ClientJob,
    onEvent: (event: GenerateEvent) => void,
    signal: AbortSignal,
  ): Promise<GenerateOutcome>;
  /**
   * Enlarges one picture.
   * @param signal stops after the tile it is in
   */
  upscale(
    job: ClientUpscaleJob,
    onEvent: (event: UpscaleEvent) => void,
    signal: AbortSignal,
  ): Promise<UpscaleOutcome>;
}

type Api = Comlink.Remote<EngineApi>;
type Refused = { ok: false; failure: Failure };
type JobEvent = GenerateEvent | UpscaleEvent;
type NoticeEvent = Extract<GenerateEvent, { kind: 'notice' }>;
type Listener<Event> = (event: Event) => void;
type Ended<Done> = Done | { outcome: 'cancelled' } | { outcome: 'failed'; failure: Failure };
type WorkerEnded<Done> = Ended<Done> | { outcome: 'broken'; failure: Failure };

/** How long a cancelled job may take to say so before its worker is ended. */
const CANCEL_GRACE_MS = 1_000;

/** A worker that stopped being of use. */
class WorkerGone extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.code);
    this.failure = failure;
  }
}

/** A running worker; `gone` rejects when it dies or is ended, so that no call on it waits for ever. */
class Handle {
  readonly api: Api;
  readonly gone: Promise<never>;
  readonly pace: Pace = { modelBytes: 0 };
  readonly #worker: Worker;
  readonly #onEnd: () => void;
  #fail!: (error: WorkerGone) => void;
  #ended = false;

  /** @param onEnd called at once when the worker is of no more use */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#worker = new Worker(new URL('../../workers/diffusion.worker.ts', import.meta.url), {
      type: 'module',
      name: 'diffusion',
    });
    this.api = Comlink.wrap<EngineApi>(this.#worker);
    this.gone = new Promise<never>((_resolve, reject) => {
      this.#fail = reject;
    });
    // Nobody may be waiting when an idle worker dies.
    this.gone.catch(() => undefined);
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      // A worker whose script cannot be loaded reports an error without a message.
      this.end({ code: 'engine-died', detail: event.message || 'The worker script could not be loaded.' });
    });
    this.#worker.addEventListener('messageerror', () => {
      this.end({ code: 'engine-died', detail: 'A message from the worker could not be read.' });
    });
  }

  end(failure: Failure) {
    if (this.#ended) return;
    this.#ended = true;
    this.#worker.terminate();
    this.#onEnd();
    this.#fail(new WorkerGone(failure));
  }
}

export function createEngineClient(): EngineClient {
  let current: Handle | null = null;
  let jobs = 0;

  const worker = (): Handle => {
    current ??= new Handle(() => {
      current = null;
    });
    return current;
  };

  /** Asks a worker, and once more a new one if the first dies. */
  async function probe(choice: DeviceChoice): Promise<DeviceReport> {
    for (let attempt = 0; ; attempt++) {
      const handle = worker();
      try {
        return await Promise.race([handle.api.probe(choice), handle.gone]);
      } catch (error) {
        if (!(error instanceof WorkerGone) || attempt > 0) throw error;
      }
    }
  }

  /** Asks a worker something that it can fail at; its death is an answer too. */
  async function question<Answer extends { ok: boolean }>(
    put: (api: Api) => Promise<Answer | Refused>,
  ): Promise<Answer | Refused> {
    const handle = worker();
    try {
      return await Promise.race([put(handle.api), handle.gone]);
    } catch (error) {
      return { ok: false, failure: error instanceof WorkerGone ? error.failure : unexpected(error) };
    }
  }

  /** Has a worker do a job, and once more a new one where that makes sense. */
  async function run<Event extends JobEvent, Done extends { outcome: 'done' }>(
    device: DeviceChoice,
    ask: (
      api: Api,
      id: string,
      device: DeviceChoice,
      listener: Listener<Event>,
    ) => Promise<WorkerEnded<Done>>,
    onEvent: Listener<Event | NoticeEvent>,
    signal: AbortSignal,
  ): Promise<Ended<Done>> {
    const id = `job-${++jobs}`;
    for (let attempt = 0; ; attempt++) {
      const handle = worker();
      const asked = (listener: Listener<Event>) => ask(handle.api, id, device, listener);
      const outcome = await attemptOn<Event, Done>(handle, id, asked, onEvent, signal);
      if (signal.aborted) return { outcome: 'cancelled' };
      if (outcome.outcome !== 'broken') return outcome;
      handle.end(outcome.failure);
      const next = attempt === 0 ? secondTry(outcome.failure, device) : null;
      if (next === null) return { ...outcome, outcome: 'failed' };
      device = next.device;
      onEvent({ kind: 'notice', notice: next.notice });
    }
  }

  async function generate(
    job: ClientJob,
    onEvent: Listener<GenerateEvent>,
    signal: AbortSignal,
  ): Promise<GenerateOutcome> {
    let done = job.firstIndex ?? 0;
    let workers = 0;
    const ended = await run<GenerateEvent, { outcome: 'done' }>(
      job.device,
      (api, id, device, listener) => {
        const wire: GenerateJob = {
          ...job,
          device,
          id,
          firstIndex: done,
          strictGpu: job.strictGpu ?? false,
          trace: job.trace ?? false,
          upscale: job.upscale ?? false,
          // A worker that died may have died of the memory that several pictures take.
          atOnce: workers++ === 0 ? (job.atOnce ?? 'auto') : 1,
        };
        return api.generate(wire, listener);
      },
      (event) => {
        if (event.kind === 'picture') done = event.picture.index + 1;
        onEvent(event);
      },
      signal,
    );
    return { ...ended, pictures: done };
  }

  function upscale(
    job: ClientUpscaleJob,
    onEvent: Listener<UpscaleEvent>,
    signal: AbortSignal,
  ): Promise<UpscaleOutcome> {
    return run<UpscaleEvent, Extract<UpscaleOutcome, { outcome: 'done' }>>(
      job.device,
      (api, id, device, listener) => {
        const wire: UpscaleJob = { ...job, device, id, strictGpu: job.strictGpu ?? false };
        return api.upscale(wire, listener);
      },
      onEvent,
      signal,
    );
  }

  return {
    probe,
    calibrate: (choice) => question<CalibrationResult>((api) => api.calibrate(choice)),
    addAdapter: (file, fileName) => question<AddAdapterResult>((api) => api.addAdapter(file, fileName)),
    checkAdapter: (file, fileName) => question<AddAdapterResult>((api) => api.checkAdapter(file, fileName)),
    fitAdapters: (modelId, sha256s) => question<FitResult>((api) => api.fitAdapters(modelId, sha256s)),
    inspect: (modelId, size) => question<InspectResult>((api) => api.inspect(modelId, size)),
    listModels: () => listModels(AbortSignal.timeout(30_000)),
    generate,
    upscale,
  };
}

/** What a new worker should do with a job that broke the last one; null when that would only happen again. */
function secondTry(failure: Failure, device: DeviceChoice): { device: DeviceChoice; notice: Notice } | null {
  switch (failure.code) {
    case 'engine-died':
      return { device, notice: { code: 'engine-restarted' } };
    case 'device-lost':
      return { device, notice: { code: 'device-recovered' } };
    case 'out-of-memory':
      if (device !== 'auto' || failure.device !== 'webgpu') return null;
      return {
        device: 'cpu',
        notice: { code: 'fell-back-to-cpu', reason: 'The GPU has too little free memory for this model.' },
      };
    default:
      return null;
  }
}

/** One job on one worker, under the watchdog, with a cancel that does not depend on the worker's good will. */
async function attemptOn<Event extends JobEvent, Done extends { outcome: 'done' }>(
  handle: Handle,
  id: string,
  ask: (listener: Listener<Event>) => Promise<WorkerEnded<Done>>,
  onEvent: Listener<Event>,
  signal: AbortSignal,
): Promise<WorkerEnded<Done>> {
  if (signal.aborted) return { outcome: 'cancelled' };
  const watchdog = new Watchdog(
    () => handle.api.ping(),
    (afterMs) => handle.end({ code: 'engine-hung', afterMs }),
    handle.pace,
  );
  let graceTimer: ReturnType<typeof setTimeout> | undefined;
  const cancel = () => {
    void handle.api.cancel(id);
    graceTimer = setTimeout(() => handle.end({ code: 'engine-died', detail: 'cancelled' }), CANCEL_GRACE_MS);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const listener = Comlink.proxy((event: Event) => {
      watchdog.sign(event);
      onEvent(event);
    });
    return await Promise.race([ask(listener), handle.gone]);
  } catch (error) {
    return { outcome: 'broken', failure: error instanceof WorkerGone ? error.failure : unexpected(error) };
  } finally {
    clearTimeout(graceTimer);
    signal.removeEventListener('abort', cancel);
    watchdog.stop();
  }
}

function unexpected(error: unknown): Failure {
  return error instanceof Error
    ? { code: 'unexpected', message: error.message, stack: error.stack ?? null }
    : { code: 'unexpected', message: String(error), stack: null };
}
