/**
 * The page's handle on the worker that reads pictures. It starts one when needed, ends it when it has been idle for a while, so that
 * all its memory comes back, and replaces one that dies or hangs. Never throws for what a person can act on.
 */
import * as Comlink from 'comlink';
import { type Failure, FailureError } from '#core/failure.ts';
import {
  fetchCaptioner,
  listInstalledCaptioners,
  listServedCaptioners,
  transformersKind,
} from '#storage/captioners.ts';
import type { StoredVersion } from '#storage/library/records.ts';
import type {
  CaptionerApi,
  CaptionerChoice,
  CaptionersResult,
  CaptionEvent,
  CaptionJob,
  CaptionOutcome,
  CaptionWorkerOutcome,
} from './captioner-api.ts';
import { Watchdog } from './watchdog.ts';

export type ClientCaptionJob = Pick<CaptionJob, 'picture' | 'task' | 'device'> &
  Partial<Pick<CaptionJob, 'model' | 'strictGpu' | 'useCache'>>;

export interface CaptionerClient {
  /** The captioners that there are, those beside the studio first. */
  list(): Promise<CaptionersResult>;
  /**
   * Reads one picture.
   * @param signal stops before the next word
   */
  caption(
    job: ClientCaptionJob,
    onEvent: (event: CaptionEvent) => void,
    signal: AbortSignal,
  ): Promise<CaptionOutcome>;
  /** Whether a worker is up, and its memory with it. */
  readonly isUp: boolean;
}

/** A worker that nobody asked for this long is ended. */
const IDLE_MS = 30_000;
/** How long a cancelled job may take to say so before its worker is ended. */
const CANCEL_GRACE_MS = 1_000;
const LIST_WITHIN_MS = 30_000;

interface Running {
  api: Comlink.Remote<CaptionerApi>;
  /** Resolves with the reason when the worker is of no more use. */
  gone: Promise<Failure>;
  end(failure: Failure): void;
}

/** @param idleMs after which an idle worker is ended */
export function createCaptionerClient(idleMs = IDLE_MS): CaptionerClient {
  let running: Running | null = null;
  let busy = 0;
  let jobs = 0;
  let idleTimer: ReturnType<typeof setTimeout> | undefined;

  const worker = (): Running => {
    running ??= startWorker(() => {
      running = null;
    });
    return running;
  };

  const rest = () => {
    if (busy > 0) return;
    idleTimer = setTimeout(() => running?.end({ code: 'engine-died', detail: 'idle' }), idleMs);
  };

  async function caption(
    job: ClientCaptionJob,
    onEvent: (event: CaptionEvent) => void,
    signal: AbortSignal,
  ): Promise<CaptionOutcome> {
    clearTimeout(idleTimer);
    busy++;
    try {
      for (let attempt = 0; ; attempt++) {
        const wire: CaptionJob = {
          model: null,
          strictGpu: false,
          useCache: true,
          ...job,
          id: `caption-${++jobs}`,
        };
        const handle = worker();
        const outcome = await attemptOn(handle, wire, onEvent, signal);
        if (signal.aborted) return { outcome: 'cancelled' };
        if (outcome.outcome !== 'broken') return outcome;
        handle.end(outcome.failure);
        if (attempt > 0 || outcome.failure.code !== 'engine-died') return { ...outcome, outcome: 'failed' };
        onEvent({ kind: 'notice', notice: { code: 'engine-restarted' } });
      }
    } finally {
      busy--;
      rest();
    }
  }

  return {
    list,
    caption,
    get isUp() {
      return running !== null;
    },
  };
}

function startWorker(onEnd: () => void): Running {
  const thread = new Worker(new URL('../../workers/captioner.worker.ts', import.meta.url), {
    type: 'module',
    name: 'captioner',
  });
  const { promise: gone, resolve: tell } = Promise.withResolvers<Failure>();
  const end = (failure: Failure) => {
    thread.terminate();
    onEnd();
    tell(failure);
  };
  thread.addEventListener('error', (event) => {
    event.preventDefault();
    // A worker whose script cannot be loaded reports an error without a message.
    end({ code: 'engine-died', detail: event.message || 'The worker script could not be loaded.' });
  });
  return { api: Comlink.wrap<CaptionerApi>(thread), gone, end };
}

/** One job on one worker, under the watchdog, with a cancel that does not depend on the worker's good will. */
async function attemptOn(
  { api, gone, end }: Running,
  job: CaptionJob,
  onEvent: (event: CaptionEvent) => void,
  signal: AbortSignal,
): Promise<CaptionWorkerOutcome> {
  if (signal.aborted) return { outcome: 'cancelled' };
  const watchdog = new Watchdog(
    () => api.ping(),
    (afterMs) => end({ code: 'engine-hung', afterMs }),
  );
  let graceTimer: ReturnType<typeof setTimeout> | undefined;
  const cancel = () => {
    void api.cancel(job.id);
    graceTimer = setTimeout(() => end({ code: 'engine-died', detail: 'cancelled' }), CANCEL_GRACE_MS);
  };
  signal.addEventListener('abort', cancel, { once: true });
  const listener = Comlink.proxy((event: CaptionEvent) => {
    watchdog.sign(event);
    onEvent(event);
  });
  try {
    const died = async (): Promise<CaptionWorkerOutcome> => ({ outcome: 'broken', failure: await gone });
    return await Promise.race([api.caption(job, listener), died()]);
  } catch (error) {
    return { outcome: 'broken', failure: unexpected(error) };
  } finally {
    clearTimeout(graceTimer);
    signal.removeEventListener('abort', cancel);
    watchdog.stop();
  }
}

async function list(): Promise<CaptionersResult> {
  const signal = AbortSignal.timeout(LIST_WITHIN_MS);
  try {
    const ids = await listServedCaptioners(signal);
    const served = await Promise.all(ids.map((id) => fetchCaptioner(id, signal)));
    const installed = await listInstalledCaptioners();
    return {
      ok: true,
      captioners: [
        ...served.map(({ id, name, summary, tasks, safety }) => ({
          id,
          name,
          summary,
          tasks: [...tasks, ...(safety === undefined ? [] : ['safety' as const])],
          knowsDetail: false,
        })),
        ...installed.flatMap((version) => choiceOf(version) ?? []),
      ],
    };
  } catch (error) {
    return { ok: false, failure: error instanceof FailureError ? error.failure : unexpected(error) };
  }
}

/** Null for a version that nothing here can run. */
function choiceOf(version: StoredVersion): CaptionerChoice | null {
  const { id, name, source, files } = version;
  const about = { id, name, summary: source.kind === 'hub' ? source.repository : 'From files' };
  const kind = transformersKind(version);
  if (kind !== null) return { ...about, tasks: ['caption'], knowsDetail: kind === 'florence2' };
  if (!files.some(({ path }) => path === 'manifest.json')) return null;
  // What it can do is told by its manifest when it is used.
  return { ...about, tasks: ['caption', 'question', 'match'], knowsDetail: false };
}

function unexpected(error: unknown): Failure {
  return error instanceof Error
    ? { code: 'unexpected', message: error.message, stack: error.stack ?? null }
    : { code: 'unexpected', message: String(error), stack: null };
}
