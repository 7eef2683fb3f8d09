/**
 * Decides: what is installed, fetched, checked, mended and thrown away. One version is worked on by one tab, the
 * one that holds its lock; the others see its progress and hand it their orders. When that tab ends, the next in
 * the lock's queue goes on from what is on the disk.
 */
import { type Failure, FailureError } from '#core/failure.ts';
import type {
  InstallOutcome,
  InstallProgress,
  Library as Listing,
  LibraryResult,
  LibraryUsage,
  LibraryWorkerApi,
  LibraryWorkerEvent,
  VerifyReport,
} from '#engine/library-api.ts';
import { partialBytes } from '#storage/library/file-writer.ts';
import { readFile } from '#storage/library/read.ts';
import {
  type InstallPlan,
  type JournalEntry,
  keyName,
  type NotedVersion,
  type StoredVersion,
  type VersionKey,
} from '#storage/library/records.ts';
import { chunksOf, type LibraryStore } from '#storage/library/store.ts';
import { exportVersions, planImports } from './archive.ts';
import { CHANNEL_NAME, lockName, type TabMessage } from './channel.ts';
import { asResult, failureOf } from './failures.ts';
import { Install } from './install.ts';
import { describe, note, sizeOf } from './listing.ts';
import { checkPlan } from './plan.ts';
import { mend } from './mend.ts';
import { atRest, progressBase, STILL } from './progress.ts';
import { listStarters } from './starters.ts';

/** What a waiting call wants to hear. */
type Ended = 'done' | 'cancelled' | { failure: Failure };

export class Library implements LibraryWorkerApi {
  readonly #store: LibraryStore;
  readonly #listeners: ((event: LibraryWorkerEvent) => void)[] = [];
  readonly #channel = new BroadcastChannel(CHANNEL_NAME);
  /** Installs that this tab works on. */
  readonly #running = new Map<string, Install>();
  /** Versions whose lock this tab has asked for. */
  readonly #queued = new Set<string>();
  /** The last that was heard of each install, from this tab or another. */
  readonly #heard = new Map<string, InstallProgress>();
  readonly #waiting = new Map<string, ((ended: Ended) => void)[]>();
  /** Plans with Blobs in them: the journal keeps none. */
  readonly #given = new Map<string, InstallPlan>();

  constructor(store: LibraryStore) {
    this.#store = store;
    this.#channel.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => this.#hear(data));
  }

  /** Goes on with what an earlier visit left, and throws away what nothing needs. */
  async begin(): Promise<void> {
    const entries = await this.#store.journal().catch(() => []);
    for (const entry of entries) if (entry.wants === 'run') void this.#ensureRunning(entry);
    if (entries.length === 0) await this.#store.sweep().catch(() => 0);
  }

  async listen(listener: (event: LibraryWorkerEvent) => void): Promise<void> {
    this.#listeners.push(listener);
  }

  #emit(event: LibraryWorkerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  list(): Promise<LibraryResult<{ library: Listing; noted: NotedVersion[] }>> {
    return asResult(async () => {
      const [versions, active, entries, partials, starters] = await Promise.all([
        this.#store.versions(),
        this.#store.active(),
        this.#store.journal(),
        this.#store.allPartials(),
        listStarters(),
      ]);
      const revisions = new Map(active.map(({ id, revision }) => [id, revision]));
      const installed = versions
        .map((version) => describe(version, versions, revisions.get(version.id) === version.revision))
        .sort((a, b) => b.installedAt - a.installedAt);
      const installing = entries
        .sort((a, b) => a.startedAt - b.startedAt)
        .map((entry) => this.#heard.get(keyName(entry)) ?? atRest(entry, partials));
      const noted = versions.map((version) => note(version, revisions.get(version.id) === version.revision));
      return { library: { installed, starters, installing }, noted };
    });
  }

  async install(plan: InstallPlan): Promise<InstallOutcome> {
    try {
      checkPlan(plan, location.origin);
      const there = await this.#store.version(plan);
      if (there !== undefined && there.damaged.length === 0) return await this.#outcome(plan, 'done');
      await this.#note(plan);
    } catch (error) {
      return { outcome: 'failed', failure: failureOf(error) };
    }
    const ended = this.#untilEnded(plan);
    void this.#ensureRunning(plan);
    return this.#outcome(plan, await ended);
  }

  async pause(key: VersionKey): Promise<void> {
    this.#order(key, 'pause');
    // Where nobody works on it, it must not begin by itself on the next visit either.
    await this.#setWants(key, 'rest');
  }

  async resume(key: VersionKey): Promise<void> {
    await this.#setWants(key, 'run');
    // The call says that it goes on, and does not wait for its end.
    void this.#ensureRunning(key);
  }

  async cancel(key: VersionKey): Promise<void> {
    this.#order(key, 'cancel');
    if (this.#running.has(keyName(key))) return;
    // Another tab that works on it lets go of the lock when it is through.
    await navigator.locks.request(lockName(key), async () => {
      const entry = await this.#store.journalEntry(key);
      if (entry === undefined) return;
      await this.#store.dropInstall(key);
      this.#tell({ ...atRest(entry, []), state: 'cancelled' });
    });
  }

  verify(key: VersionKey): Promise<LibraryResult<VerifyReport>> {
    return asResult(async () => {
      const version = await this.#need(key);
      const totalBytes = sizeOf(version);
      let checkedBytes = 0;
      const damaged: string[] = [];
      const damagedFiles: string[] = [];
      for (const file of version.files) {
        const read = await readFile(this.#store, file, (bytes) => {
          checkedBytes += bytes;
          this.#emit({ kind: 'checking', key, checkedBytes, totalBytes });
        });
        if (read.ok) continue;
        damaged.push(...read.damaged);
        damagedFiles.push(file.path);
      }
      if (damaged.length > 0) {
        await this.#store.markDamaged(damaged);
        this.#changed();
      }
      return { id: key.id, revision: key.revision, checkedBytes, damagedFiles };
    });
  }

  async repair(key: VersionKey): Promise<InstallOutcome> {
    try {
      const version = await this.#need(key);
      const plan = { ...progressBase(version), totalBytes: sizeOf(version) };
      await navigator.locks.request(lockName(key), async () => {
        await mend(this.#store, version, (doneBytes, totalBytes, file) =>
          this.#tell({ ...plan, ...STILL, doneBytes, totalBytes, file, state: 'downloading' }),
        );
      });
      this.#tell({ ...plan, ...STILL, doneBytes: plan.totalBytes, file: null, state: 'done' });
      this.#changed();
      return await this.#outcome(key, 'done');
    } catch (error) {
      return { outcome: 'failed', failure: failureOf(error) };
    }
  }

  remove(key: VersionKey): Promise<LibraryResult<{ freedBytes: number }>> {
    return asResult(async () => {
      const freedBytes = await this.#store.remove(key);
      this.#changed({ id: key.id, revision: key.revision });
      return { freedBytes };
    });
  }

  setActive(key: VersionKey): Promise<LibraryResult<null>> {
    return asResult(async () => {
      await this.#need(key);
      await this.#store.setActive({ id: key.id, revision: key.revision });
      this.#changed();
      return null;
    });
  }

  rollBack(id: string): Promise<LibraryResult<VersionKey>> {
    return asResult(async () => {
      const key = await this.#store.rollBack(id);
      if (key === null) throw new FailureError({ code: 'no-earlier-version', id });
      this.#changed();
      return key;
    });
  }

  exportModel(key: VersionKey): Promise<LibraryResult<Blob>> {
    return asResult(async () => exportVersions(this.#store, [await this.#need(key)]));
  }

  backup(): Promise<LibraryResult<Blob>> {
    return asResult(async () => exportVersions(this.#store, await this.#store.versions()));
  }

  importArchive(archive: Blob): Promise<LibraryResult<{ installed: VersionKey[] }>> {
    return asResult(async () => {
      const installed: VersionKey[] = [];
      for (const plan of await planImports(archive)) {
        const outcome = await this.install(plan);
        if (outcome.outcome === 'failed') {
          // There is nothing to resume: the archive is not there on the next visit.
          await this.cancel(plan);
          throw new FailureError(outcome.failure);
        }
        if (outcome.outcome === 'done') installed.push({ id: plan.id, revision: plan.revision });
      }
      return { installed };
    });
  }

  usage(): Promise<LibraryResult<Omit<LibraryUsage, 'persisted'>>> {
    return asResult(async () => {
      const [versions, partials] = await Promise.all([this.#store.versions(), this.#store.allPartials()]);
      const chunks = chunksOf({ files: versions.flatMap(({ files }) => files) });
      const installedBytes = [...chunks.values()].reduce((a, b) => a + b, 0);
      const partial = partials.reduce(
        (sum, one) => sum + (one.chunks.every(({ sha256 }) => chunks.has(sha256)) ? 0 : partialBytes(one)),
        0,
      );
      const estimate = await navigator.storage?.estimate?.().catch(() => null);
      return { installedBytes, partialBytes: partial, originBytes: estimate?.usage ?? null };
    });
  }

  /** Queues for the version's lock; with it, works on the install until it rests. */
  async #ensureRunning(key: VersionKey): Promise<void> {
    const name = keyName(key);
    if (this.#queued.has(name)) return;
    this.#queued.add(name);
    this.#channel.postMessage({ kind: 'order', order: 'tell', key } satisfies TabMessage);
    try {
      await navigator.locks.request(lockName(key), () => this.#work(key));
    } catch (error) {
      this.#end(key, { failure: failureOf(error) });
    } finally {
      this.#queued.delete(name);
    }
  }

  async #work(key: VersionKey): Promise<void> {
    const name = keyName(key);
    const entry = await this.#store.journalEntry(key);
    if (entry === undefined) {
      // Another tab was through with it before the lock came here.
      const isThere = (await this.#store.version(key)) !== undefined;
      return this.#end(key, isThere ? 'done' : 'cancelled');
    }
    if (entry.wants === 'rest') {
      if (entry.failure !== null) this.#end(key, { failure: entry.failure });
      this.#tell(atRest(entry, await this.#store.partials(key)));
      return undefined;
    }
    const plan = this.#given.get(name) ?? entry.plan;
    if (plan.files.some(({ from }) => !('url' in from) && !('blob' in from))) {
      // What was dropped from a disk is gone with the page it was dropped on.
      await this.#store.dropInstall(key);
      return this.#tell({ ...atRest(entry, []), state: 'cancelled' });
    }
    const install = await Install.open(this.#store, plan, (progress) => this.#tell(progress));
    this.#running.set(name, install);
    try {
      const rest = await install.run();
      if (rest.as === 'done') this.#changed();
    } finally {
      this.#running.delete(name);
      this.#given.delete(name);
    }
    return undefined;
  }

  async #note(plan: InstallPlan): Promise<void> {
    const { id, revision } = plan;
    const known = await this.#store.journalEntry(plan);
    const hasBlobs = plan.files.some(({ from }) => 'blob' in from);
    if (hasBlobs) this.#given.set(keyName(plan), plan);
    await this.#store.noteInstall({
      id,
      revision,
      plan: hasBlobs ? withoutBlobs(plan) : plan,
      startedAt: known?.startedAt ?? Date.now(),
      wants: 'run',
      failure: null,
    });
  }

  async #setWants(key: VersionKey, wants: JournalEntry['wants']): Promise<void> {
    const entry = await this.#store.journalEntry(key);
    if (entry === undefined || entry.wants === wants) return;
    await this.#store.noteInstall({ ...entry, wants, failure: wants === 'run' ? null : entry.failure });
  }

  #order(key: VersionKey, order: 'pause' | 'cancel'): void {
    const { id, revision } = key;
    this.#running.get(keyName(key))?.[order]();
    this.#channel.postMessage({ kind: 'order', order, key: { id, revision } } satisfies TabMessage);
  }

  #hear(message: TabMessage): void {
    switch (message.kind) {
      case 'progress':
        return this.#take({ ...message.progress, elsewhere: true });
      case 'changed':
        return this.#emit({ kind: 'changed', removed: message.removed });
      case 'order': {
        const install = this.#running.get(keyName(message.key));
        if (message.order === 'tell') install?.tellAgain();
        else install?.[message.order]();
        return undefined;
      }
    }
  }

  /** Says how an install of this tab goes, here and in the other tabs. */
  #tell(progress: InstallProgress): void {
    this.#channel.postMessage({ kind: 'progress', progress } satisfies TabMessage);
    this.#take(progress);
  }

  #take(progress: InstallProgress): void {
    const name = keyName(progress);
    const { state } = progress;
    if (state === 'done' || state === 'cancelled') this.#heard.delete(name);
    else this.#heard.set(name, progress);
    this.#emit({ kind: 'progress', progress });
    if (state === 'done' || state === 'cancelled') this.#end(progress, state);
    if (state === 'failed') this.#end(progress, { failure: progress.failure });
  }

  #changed(removed: VersionKey | null = null): void {
    this.#channel.postMessage({ kind: 'changed', removed } satisfies TabMessage);
    this.#emit({ kind: 'changed', removed });
  }

  #untilEnded(key: VersionKey): Promise<Ended> {
    return new Promise((resolve) => {
      const name = keyName(key);
      this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), resolve]);
    });
  }

  #end(key: VersionKey, ended: Ended): void {
    const name = keyName(key);
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const resolve of waiting) resolve(ended);
  }

  async #outcome(key: VersionKey, ended: Ended): Promise<InstallOutcome> {
    if (ended === 'cancelled') return { outcome: 'cancelled' };
    if (ended !== 'done') return { outcome: 'failed', failure: ended.failure };
    const listed = await this.list();
    if (!listed.ok) return { outcome: 'failed', failure: listed.failure };
    const model = listed.value.library.installed.find((one) => keyName(one) === keyName(key));
    if (model !== undefined) return { outcome: 'done', model };
    return { outcome: 'failed', failure: { code: 'version-unknown', id: key.id, revision: key.revision } };
  }

  async #need(key: VersionKey): Promise<StoredVersion> {
    const version = await this.#store.version(key);
    if (version !== undefined) return version;
    throw new FailureError({ code: 'version-unknown', id: key.id, revision: key.revision });
  }
}

/** The journal's form: that these files came from a Blob is all that is left to say. */
function withoutBlobs(plan: InstallPlan): InstallPlan {
  const files = plan.files.map(({ from, ...file }) => ({ ...file, from: 'blob' in from ? {} : from }));
  return { ...plan, files: files as InstallPlan['files'] };
}
