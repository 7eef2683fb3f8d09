/**
 * The jobs that run and wait, noted outside the page so that a tab which dies does not take them along. A job that
 * ended where the page could see it leaves nothing; what is left over was interrupted. Each job is locked
 * while its tab lives, so that no tab takes another's living job for a dead one.
 */
import { createStore, del, entries, get, set } from 'idb-keyval';
import * as v from 'valibot';
import { requestSchema } from '#core/metadata/request-text.ts';
import { MAX_COUNT } from '#core/pipeline/request.ts';
import { cleanPrompt } from '#core/prompt/clean.ts';
import type { KeptJob } from '#core/queue/queue.ts';

/** This and the locks are named as before there was a queue, so that what an earlier version owed is found. */
const DATABASE = 'kiln-journal';
const LOCK_PREFIX = 'kiln-run:';
/** A disk that takes longer must not hold a job up. */
const PATIENCE_MS = 1_000;
/** A busy browser lets go of a dead tab's locks only seconds later. Nobody waits for this look. */
const LOOK_PATIENCE_MS = 12_000;

/** One living job's line. Neither call ever fails. */
export interface JobLine {
  update(change: Partial<Pick<KeptJob, 'finished' | 'order'>>): Promise<void>;
  /** However the job ended, the page saw it. */
  end(): Promise<void>;
}

export interface QueueStore {
  /** Notes a job before it starts. Never fails: a job that cannot be noted runs all the same. */
  add(job: KeptJob): Promise<JobLine>;
  /** The jobs whose tabs died, in their order; none where nothing can be read. */
  interrupted(): Promise<KeptJob[]>;
  /** Makes an interrupted job this tab's own. @returns null when another tab has it, or nobody */
  adopt(id: string): Promise<JobLine | null>;
  /** Crosses an interrupted job out. @returns false when another tab did so first, or has it */
  discard(id: string): Promise<boolean>;
}

const schema = v.strictObject({
  /** What earlier versions of the studio wrote in place of `order`. */
  startedAt: v.optional(v.pipe(v.number(), v.finite())),
  order: v.optional(v.pipe(v.number(), v.finite())),
  request: requestSchema,
  device: v.picklist(['auto', 'webgpu', 'cpu']),
  preview: v.picklist(['off', 'linear', 'decoder']),
  upscale: v.optional(v.boolean(), false),
  finished: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_COUNT)),
});

type Line = Omit<KeptJob, 'id'>;

/** The part of IndexedDB that is used here. */
export interface KeyedStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  del(key: string): Promise<void>;
  entries(): Promise<[key: string, value: unknown][]>;
}

export type Locks = Pick<LockManager, 'request'>;

/** Where locks or storage are denied, a queue that notes nothing. */
export function openQueue(): QueueStore {
  const locks = globalThis.navigator?.locks;
  // Without locks a living job of another tab could not be told from a dead one.
  if (locks === undefined) return emptyQueue();
  const store = createStore(DATABASE, 'runs');
  return createQueue(
    {
      get: (key) => get(key, store),
      set: (key, value) => set(key, value, store),
      del: (key) => del(key, store),
      entries: () => entries(store),
    },
    locks,
  );
}

/** @param lookPatienceMs how long a look at another tab's job, or its dismissal, waits for that tab to let go of it */
export function createQueue(store: KeyedStore, locks: Locks, lookPatienceMs = LOOK_PATIENCE_MS): QueueStore {
  return {
    add: async (job) => {
      const noting = noteJob(store, locks, job);
      return (await within(noting)) ?? lateLine(noting);
    },
    interrupted: () => findInterrupted(store, locks, lookPatienceMs).catch(() => []),
    adopt: (id) => adopt(store, locks, id).catch(() => null),
    discard: (id) => discard(store, locks, id, lookPatienceMs).catch(() => false),
  };
}

export function emptyQueue(): QueueStore {
  return {
    add: async () => IDLE_LINE,
    interrupted: async () => [],
    adopt: async () => null,
    discard: async () => false,
  };
}

const IDLE_LINE: JobLine = { update: async () => {}, end: async () => {} };

/** A line that comes too late to wait for, if ever, must still not outlive its job. */
function lateLine(noting: Promise<JobLine>): JobLine {
  const whenNoted = (write: (line: JobLine) => Promise<void>) => {
    noting.then(write).catch(() => undefined);
  };
  return {
    update: async (change) => whenNoted((line) => line.update(change)),
    end: async () => whenNoted((line) => line.end()),
  };
}

async function noteJob(store: KeyedStore, locks: Locks, job: KeptJob): Promise<JobLine> {
  const release = await hold(locks, LOCK_PREFIX + job.id);
  const { id, order, device, preview, upscale, finished, request } = job;
  const line: Line = {
    order,
    device,
    preview,
    upscale,
    finished,
    // The words that the run reads: a prompt may be longer than anything worth keeping.
    request: {
      ...request,
      prompt: cleanPrompt(request.prompt, 'prompt').text,
      negativePrompt: cleanPrompt(request.negativePrompt, 'negative').text,
    },
  };
  try {
    await store.set(id, line);
  } catch (error) {
    release();
    throw error;
  }
  return openLine(store, id, line, release);
}

function openLine(store: KeyedStore, id: string, first: Line, release: () => void): JobLine {
  let line = first;
  // One after the other, so that no late count brings back a line that was crossed out.
  let last: Promise<void> = Promise.resolve();
  const queue = (write: () => Promise<void>) => {
    last = last.then(write).catch(() => undefined);
    return last;
  };
  return {
    update: (change) => {
      line = { ...line, ...change };
      return queue(() => store.set(id, line));
    },
    end: () => queue(() => store.del(id)).finally(release),
  };
}

async function findInterrupted(store: KeyedStore, locks: Locks, patienceMs: number): Promise<KeptJob[]> {
  const lines = await store.entries();
  const found = await Promise.all(lines.map(([id]) => readDead(store, locks, id, patienceMs)));
  return found.filter((job) => job !== null).sort((a, b) => a.order - b.order);
}

/** Null for the job of a living tab, and for a line that owes nothing or cannot be right: that one goes. */
async function readDead(
  store: KeyedStore,
  locks: Locks,
  id: string,
  patienceMs: number,
): Promise<KeptJob | null> {
  const look = async () => {
    // Read only now: a job that lived until a moment ago has crossed its line out.
    const value = await store.get(id);
    if (value === undefined) return null;
    const job = readLine(id, value);
    if (job === null) await store.del(id);
    return job;
  };
  // Shared: two tabs may look at once. A page that is being reloaded lets go within moments.
  return whenFree(locks, id, 'shared', look, patienceMs).catch(() => null);
}

function readLine(id: string, value: unknown): KeptJob | null {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success || parsed.output.finished >= parsed.output.request.count) return null;
  const { startedAt, order, ...job } = parsed.output;
  return { ...job, id, order: order ?? startedAt ?? 0 };
}

async function adopt(store: KeyedStore, locks: Locks, id: string): Promise<JobLine | null> {
  const release = await hold(locks, LOCK_PREFIX + id, AbortSignal.timeout(PATIENCE_MS));
  const value = await store.get(id).catch(() => undefined);
  const job = readLine(id, value);
  if (job === null) {
    release();
    return null;
  }
  const { id: _, ...line } = job;
  return openLine(store, id, line, release);
}

function discard(store: KeyedStore, locks: Locks, id: string, patienceMs: number): Promise<boolean> {
  const forget = async () => {
    if ((await store.get(id)) === undefined) return false;
    await store.del(id);
    return true;
  };
  // The tab that left it may still be letting go.
  return whenFree(locks, id, 'exclusive', forget, patienceMs);
}

/** @returns a function that lets go of the lock; the browser does so when the tab dies */
function hold(locks: Locks, name: string, signal?: AbortSignal): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const options = signal === undefined ? {} : { signal };
    locks.request(name, options, () => new Promise<void>((release) => resolve(release))).catch(reject);
  });
}

/** Does something to a job that no living tab holds. Rejects when one does. */
function whenFree<T>(
  locks: Locks,
  id: string,
  mode: LockMode,
  work: () => Promise<T>,
  patienceMs: number,
): Promise<T> {
  return locks.request(LOCK_PREFIX + id, { mode, signal: AbortSignal.timeout(patienceMs) }, work);
}

/** The value, or null when it fails or does not come in time. */
async function within<T>(promise: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
