/**
 * The page's handle on the engine. It owns the worker: starts it when first needed, notices when it dies or
 * hangs, starts another, and goes on with the job where that makes sense. Never throws for what a person can
 * act on.
 */
import * as Comlink from 'comlink';
import type { Failure, Notice } from '#core/failure.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { listModels, type ModelsResult } from '#storage/models.ts';
import type {
  DeviceChoice,
  DeviceReport,
  EngineApi,
  GenerateEvent,
  GenerateJob,
  GenerateOutcome,
  WorkerOutcome,
  PreviewMode,
} from './api.ts';
import { Watchdog } from './watchdog.ts';

export interface ClientJob {
  request: GenerateRequest;
  device: DeviceChoice;
  preview: PreviewMode;
  /** Refuse graphs of which a node would run on the CPU although the GPU was asked for. */
  strictGpu?: boolean;
  /** Send `trace` events. */
  trace?: boolean;
}

export interface EngineClient {
  /** @throws Error when the worker cannot be started at all */
  probe(choice: DeviceChoice): Promise<DeviceReport>;
  listModels(): Promise<ModelsResult>;
  /**
   * Makes the pictures of a request, one after the other.
   * @param signal stops the job after the step it is in; a worker that does not answer is ended instead
   */
  generate(
    job: ClientJob,
    onEvent: (event: GenerateEvent) => void,
    signal: AbortSignal,
  ): Promise<GenerateOutcome>;
}

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
  readonly api: Comlink.Remote<EngineApi>;
  readonly gone: Promise<never>;
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

  async function generate(
    job: ClientJob,
    onEvent: (event: GenerateEvent) => void,
    signal: AbortSignal,
  ): Promise<GenerateOutcome> {
    const id = `job-${++jobs}`;
    let done = 0;
    let { device } = job;
    for (let attempt = 0; ; attempt++) {
      const handle = worker();
      const wire: GenerateJob = {
        ...job,
        device,
        id,
        firstIndex: done,
        strictGpu: job.strictGpu ?? false,
        trace: job.trace ?? false,
      };
      const outcome = await attemptOn(handle, wire, signal, (event) => {
        if (event.kind === 'picture') done = event.picture.index + 1;
        onEvent(event);
      });
      if (signal.aborted) return { outcome: 'cancelled', pictures: done };
      if (outcome.outcome !== 'broken') return outcome;
      handle.end(outcome.failure);
      const next = attempt === 0 ? secondTry(outcome.failure, device) : null;
      if (next === null) return { ...outcome, outcome: 'failed' };
      device = next.device;
      onEvent({ kind: 'notice', notice: next.notice });
    }
  }

  return {
    probe,
    listModels: () => listModels(AbortSignal.timeout(30_000)),
    generate,
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
async function attemptOn(
  handle: Handle,
  job: GenerateJob,
  signal: AbortSignal,
  onEvent: (event: GenerateEvent) => void,
): Promise<WorkerOutcome> {
  let pictures = job.firstIndex;
  if (signal.aborted) return { outcome: 'cancelled', pictures };
  const watchdog = new Watchdog(
    () => handle.api.ping(),
    (afterMs) => handle.end({ code: 'engine-hung', afterMs }),
  );
  let graceTimer: ReturnType<typeof setTimeout> | undefined;
  const cancel = () => {
    void handle.api.cancel(job.id);
    graceTimer = setTimeout(() => handle.end({ code: 'engine-died', detail: 'cancelled' }), CANCEL_GRACE_MS);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const listener = Comlink.proxy((event: GenerateEvent) => {
      watchdog.sign(event);
      if (event.kind === 'picture') pictures = event.picture.index + 1;
      onEvent(event);
    });
    return await Promise.race([handle.api.generate(job, listener), handle.gone]);
  } catch (error) {
    const failure = error instanceof WorkerGone ? error.failure : unexpected(error);
    return { outcome: 'broken', failure, pictures };
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
