/**
 * What runs are under way, noted outside the page so that a tab which dies does not take them along. A run that
 * ended where the page could see it leaves nothing; what is left over was interrupted. Each run holds a lock
 * while its tab lives, so that no tab takes another's living run for a dead one.
 */
import { createStore, del, entries, get, set } from 'idb-keyval';
import * as v from 'valibot';
import { requestSchema } from '#core/metadata/request-text.ts';
import { MAX_COUNT, type GenerateRequest } from '#core/pipeline/request.ts';
import { cleanPrompt } from '#core/prompt/clean.ts';

const DATABASE = 'kiln-journal';
const LOCK_PREFIX = 'kiln-run:';
/** A disk that takes longer must not hold a run up. */
const PATIENCE_MS = 1_000;
/** A busy browser lets go of a dead tab's locks only seconds later. Nobody waits for this look. */
const LOOK_PATIENCE_MS = 12_000;

/** A run as it was asked for: its seed is chosen, its choices are made. */
export interface NotedRun {
  request: GenerateRequest;
  device: 'auto' | 'webgpu' | 'cpu';
  preview: 'off' | 'linear' | 'decoder';
  /** Its pictures are enlarged before they are kept. */
  upscale: boolean;
}

export interface InterruptedRun extends NotedRun {
  id: string;
  /** Pictures that were saved, counted from the first; fewer than the request's count. */
  finished: number;
}

/** One living run's line in the journal. Neither call ever fails. */
export interface RunNote {
  finished(pictures: number): Promise<void>;
  /** However the run ended, the page saw it. */
  end(): Promise<void>;
}

export interface Journal {
  /** Notes a run before it starts. Never fails: a run that cannot be noted runs all the same. */
  begin(run: NotedRun): Promise<RunNote>;
  /** The latest run whose tab died; null when there is none, or nothing can be read here. */
  interrupted(): Promise<InterruptedRun | null>;
  /** Crosses an interrupted run out. @returns false when another tab did so first, or runs it */
  take(id: string): Promise<boolean>;
}

const schema = v.strictObject({
  startedAt: v.pipe(v.number(), v.finite()),
  request: requestSchema,
  device: v.picklist(['auto', 'webgpu', 'cpu']),
  preview: v.picklist(['off', 'linear', 'decoder']),
  upscale: v.optional(v.boolean(), false),
  finished: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_COUNT)),
});

type Line = v.InferOutput<typeof schema>;

/** The part of IndexedDB that is used here. */
export interface KeyedStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  del(key: string): Promise<void>;
  entries(): Promise<[key: string, value: unknown][]>;
}

export type Locks = Pick<LockManager, 'request'>;

/** Where locks or storage are denied, a journal that notes nothing. */
export function openJournal(): Journal {
  const locks = globalThis.navigator?.locks;
  // Without locks a living run of another tab could not be told from a dead one.
  if (locks === undefined) return emptyJournal();
  const store = createStore(DATABASE, 'runs');
  return createJournal(
    {
      get: (key) => get(key, store),
      set: (key, value) => set(key, value, store),
      del: (key) => del(key, store),
      entries: () => entries(store),
    },
    locks,
  );
}

export function createJournal(store: KeyedStore, locks: Locks): Journal {
  return {
    begin: async (run) => {
      const noting = noteRun(store, locks, run);
      return (await within(noting)) ?? lateNote(noting);
    },
    interrupted: () => latestInterrupted(store, locks).catch(() => null),
    take: (id) => take(store, locks, id).catch(() => false),
  };
}

export function emptyJournal(): Journal {
  return { begin: async () => IDLE_NOTE, interrupted: async () => null, take: async () => false };
}

const IDLE_NOTE: RunNote = { finished: async () => {}, end: async () => {} };

/** A line that comes too late to wait for, if ever, must still not outlive its run. */
function lateNote(noting: Promise<RunNote>): RunNote {
  const whenNoted = (write: (note: RunNote) => Promise<void>) => {
    noting.then(write).catch(() => undefined);
  };
  return {
    finished: async (pictures) => whenNoted((note) => note.finished(pictures)),
    end: async () => whenNoted((note) => note.end()),
  };
}

async function noteRun(store: KeyedStore, locks: Locks, run: NotedRun): Promise<RunNote> {
  const id = crypto.randomUUID();
  const release = await hold(locks, LOCK_PREFIX + id);
  const { request } = run;
  const line: Line = {
    startedAt: Date.now(),
    device: run.device,
    preview: run.preview,
    upscale: run.upscale,
    // The words that the run reads: a prompt may be longer than anything worth keeping.
    request: {
      ...request,
      prompt: cleanPrompt(request.prompt, 'prompt').text,
      negativePrompt: cleanPrompt(request.negativePrompt, 'negative').text,
    },
    finished: 0,
  };
  try {
    await store.set(id, line);
  } catch (error) {
    release();
    throw error;
  }
  // One after the other, so that no late count brings back a line that was crossed out.
  let last: Promise<void> = Promise.resolve();
  const queue = (write: () => Promise<void>) => {
    last = last.then(write).catch(() => undefined);
    return last;
  };
  return {
    finished: (pictures) => queue(() => store.set(id, { ...line, finished: pictures })),
    end: () => queue(() => store.del(id)).finally(release),
  };
}

async function latestInterrupted(store: KeyedStore, locks: Locks): Promise<InterruptedRun | null> {
  const lines = await store.entries();
  const found = await Promise.all(lines.map(([id]) => readDead(store, locks, id)));
  const latest = found.filter((run) => run !== null).sort((a, b) => b.startedAt - a.startedAt)[0];
  if (latest === undefined) return null;
  const { startedAt: _, ...run } = latest;
  return run;
}

/** Null for the run of a living tab, and for a line that owes nothing or cannot be right: that one goes. */
async function readDead(store: KeyedStore, locks: Locks, id: string) {
  const look = async () => {
    // Read only now: a run that lived until a moment ago has crossed its line out.
    const value = await store.get(id);
    if (value === undefined) return null;
    const parsed = v.safeParse(schema, value);
    const owes = parsed.success && parsed.output.finished < parsed.output.request.count;
    if (owes) return { id, ...parsed.output };
    await store.del(id);
    return null;
  };
  // Shared: two tabs may look at once. A page that is being reloaded lets go within moments.
  return whenFree(locks, id, 'shared', look, LOOK_PATIENCE_MS).catch(() => null);
}

function take(store: KeyedStore, locks: Locks, id: string): Promise<boolean> {
  return whenFree(locks, id, 'exclusive', async () => {
    if ((await store.get(id)) === undefined) return false;
    await store.del(id);
    return true;
  });
}

/** @returns a function that lets go of the lock; the browser does so when the tab dies */
function hold(locks: Locks, name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    locks.request(name, () => new Promise<void>((release) => resolve(release))).catch(reject);
  });
}

/** Does something to a run that no living tab holds. Rejects when one does. */
function whenFree<T>(
  locks: Locks,
  id: string,
  mode: LockMode,
  work: () => Promise<T>,
  patienceMs = PATIENCE_MS,
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
