/**
 * One install under way: does what the machine of `core/download` says is next, and tells it what came of it.
 * Whoever runs it holds the lock of this version, so that no two tabs write the same files.
 */
import { FailureError } from '#core/failure.ts';
import {
  begin,
  type DownloadEvent,
  type DownloadState,
  type Doing,
  isOver,
  keptBytes,
  reduce,
  totalBytes,
} from '#core/download/machine.ts';
import { retryAfterMs } from '#core/download/retry.ts';
import { Speed } from '#core/download/speed.ts';
import { BLOCKED_HEADER } from '#core/offline-switch.ts';
import type { InstallProgress } from '#engine/library-api.ts';
import { emptyPartial, FileWriter, partialBytes } from '#storage/library/file-writer.ts';
import type { InstallPlan, PartialFile, StoredFile } from '#storage/library/records.ts';
import type { LibraryStore } from '#storage/library/store.ts';
import { failureOf } from './failures.ts';
import { adoptSharedFiles, expectedFile, makeVersion } from './planned.ts';
import { progressBase, shown } from './progress.ts';
import { waitFor } from './wait-for.ts';

const TELL_EVERY_MS = 200;
/** A connection that says nothing for so long is dead, whatever it claims. */
const SILENCE_MS = 60_000;
/** How much of the last seconds a kill may cost. */
const SAVE_EVERY_MS = 2_000;

type Ask = Extract<Doing, { kind: 'ask' }>;
type Rest = Extract<Doing, { kind: 'rest' }>;

export class Install {
  readonly plan: InstallPlan;
  readonly #store: LibraryStore;
  readonly #tell: (progress: InstallProgress) => void;
  readonly #speed = new Speed();
  #state: DownloadState;
  readonly #partials: Map<string, PartialFile>;
  #work = new AbortController();
  #writer: { file: number; writer: FileWriter } | null = null;
  #body: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #refetching: string | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;

  private constructor(
    store: LibraryStore,
    plan: InstallPlan,
    partials: PartialFile[],
    tell: (progress: InstallProgress) => void,
  ) {
    this.#store = store;
    this.plan = plan;
    this.#tell = tell;
    this.#partials = new Map(partials.map((partial) => [partial.path, partial]));
    this.#state = begin(
      plan.files.map((file) => expectedFile(plan, file)),
      plan.files.map(({ path }) => {
        const partial = this.#partials.get(path);
        if (partial === undefined) return undefined;
        const { etag, sha256, damagedOnce } = partial;
        return { keptBytes: partialBytes(partial), etag, sha256, damagedOnce };
      }),
    );
  }

  /** Takes up what is kept of it, and what installed versions have of the same files. */
  static async open(
    store: LibraryStore,
    plan: InstallPlan,
    tell: (progress: InstallProgress) => void,
  ): Promise<Install> {
    await adoptSharedFiles(store, plan);
    return new Install(store, plan, await store.partials(plan), tell);
  }

  /** Works until it is done, or rests for another reason. */
  async run(): Promise<Rest> {
    this.#report();
    while (!isOver(this.#state)) {
      const { doing } = this.#state;
      try {
        await this.#do(doing);
      } catch (error) {
        if (this.#work.signal.aborted) continue;
        // Not the network and not the disk's room: those are told where they happen.
        this.#send({ kind: 'refused', failure: failureOf(error) });
      }
      this.#report();
    }
    const rest = this.#state.doing as Rest;
    await this.#putAside(rest);
    this.#report();
    return rest;
  }

  pause(): void {
    this.#interrupt({ kind: 'pause' });
  }

  cancel(): void {
    this.#interrupt({ kind: 'cancel' });
  }

  /** Says again how far it is. */
  tellAgain(): void {
    this.#toldAt = Number.NEGATIVE_INFINITY;
    this.#report();
  }

  #interrupt(event: DownloadEvent): void {
    this.#send(event);
    this.#work.abort();
    this.#report();
  }

  #send(event: DownloadEvent): void {
    this.#state = reduce(this.#state, event);
  }

  async #do(doing: Doing): Promise<void> {
    switch (doing.kind) {
      case 'ask':
        return this.#ask(doing);
      case 'receive':
        return this.#receive(doing.file);
      case 'finish':
        return this.#finish(doing.file, await this.#writerOf(doing.file));
      case 'discard':
        return this.#discard(doing.file);
      case 'wait':
        return this.#wait(doing.ms);
      case 'commit':
        return this.#commit();
      case 'rest':
        return undefined;
    }
  }

  async #ask({ file, from, ifRange }: Ask): Promise<void> {
    const planned = this.plan.files[file]!;
    const writer = await this.#writerOf(file);
    // What was kept cannot be gone on with: as if the server had refused to.
    if (writer.keptBytes !== from) return this.#answered({ status: 416 });
    if ('blob' in planned.from) {
      this.#body = planned.from.blob.slice(from).stream().getReader();
      const range = { from, totalBytes: planned.sizeBytes };
      this.#answered({ status: from > 0 ? 206 : 200, range });
      return;
    }
    const headers = new Headers();
    if (from > 0) headers.set('Range', `bytes=${from}-`);
    if (ifRange !== null) headers.set('If-Range', ifRange);
    let response: Response;
    try {
      response = await fetch(planned.from.url, {
        headers,
        cache: 'no-store',
        credentials: 'omit',
        signal: this.#work.signal,
      });
    } catch (error) {
      return this.#broke(error);
    }
    if (response.headers.has(BLOCKED_HEADER)) return this.#send({ kind: 'switched-off' });
    const contentRange = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
    this.#answered({
      status: response.status,
      etag: response.headers.get('etag'),
      range: contentRange && { from: Number(contentRange[1]), totalBytes: Number(contentRange[2]) },
      contentType: response.headers.get('content-type'),
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now(), Date.parse),
    });
    if (this.#state.doing.kind === 'receive') this.#body = response.body?.getReader() ?? null;
    else await response.body?.cancel().catch(() => undefined);
  }

  #answered(answer: Partial<Extract<DownloadEvent, { kind: 'answered' }>> & { status: number }): void {
    this.#send({
      kind: 'answered',
      etag: null,
      range: null,
      contentType: null,
      retryAfterMs: null,
      chance: Math.random(),
      ...answer,
    });
  }

  async #receive(file: number): Promise<void> {
    const reader = this.#body;
    this.#body = null;
    const writer = await this.#writerOf(file);
    writer.etag = this.#state.files[file]!.etag;
    let savedAt = performance.now();
    try {
      for (;;) {
        const piece = reader === null ? { done: true as const } : await this.#next(reader);
        if (this.#work.signal.aborted) return;
        if (piece === null) return;
        if (piece.done) break;
        if (!(await writer.write(piece.value))) return this.#send({ kind: 'overflowed' });
        this.#send({ kind: 'kept', keptBytes: writer.keptBytes });
        if (performance.now() - savedAt > SAVE_EVERY_MS) {
          await writer.save();
          savedAt = performance.now();
        }
        this.#report();
      }
    } finally {
      await reader?.cancel().catch(() => undefined);
    }
    await this.#finish(file, writer);
  }

  /** The next piece; null when the connection broke, which the machine has been told. */
  async #next(
    reader: ReadableStreamDefaultReader<Uint8Array>,
  ): Promise<ReadableStreamReadResult<Uint8Array> | null> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('nothing came for a minute')), SILENCE_MS);
    });
    try {
      return await Promise.race([reader.read(), silence]);
    } catch (error) {
      this.#broke(error);
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  #broke(error: unknown): void {
    if (this.#work.signal.aborted) return;
    const { doing } = this.#state;
    const source = 'file' in doing ? this.plan.files[doing.file]?.from : undefined;
    if (source !== undefined && 'blob' in source) {
      const label = this.plan.source.kind === 'files' ? this.plan.source.label : this.plan.name;
      this.#send({ kind: 'refused', failure: { code: 'source-unreachable', name: this.plan.name, label } });
      return;
    }
    const detail = error instanceof Error ? error.message : String(error);
    this.#send({ kind: 'broke', detail, offline: !navigator.onLine, chance: Math.random() });
  }

  async #finish(file: number, writer: FileWriter): Promise<void> {
    const isWhole = writer.keptBytes === this.plan.files[file]!.sizeBytes;
    if (!isWhole) {
      await writer.save();
      this.#send({ kind: 'ended', keptBytes: writer.keptBytes, sha256: '', gitSha1: null });
      return;
    }
    const hashes = await writer.finish();
    this.#send({ kind: 'ended', keptBytes: writer.keptBytes, ...hashes });
    const { sha256 } = this.#state.files[file]!;
    if (sha256 === null) return;
    await writer.confirm(sha256);
    this.#writer = null;
    if (this.#refetching === this.plan.files[file]!.path) this.#refetching = null;
  }

  async #discard(file: number): Promise<void> {
    const { path } = this.plan.files[file]!;
    const { damagedOnce } = this.#state.files[file]!;
    if (this.#writer?.file === file) await this.#writer.writer.settle();
    this.#writer = null;
    this.#partials.delete(path);
    await this.#store.dropPartial(this.plan, path);
    if (damagedOnce) {
      // The second chance is spent, also after a reload.
      const partial = { ...emptyPartial(this.plan, path), damagedOnce };
      this.#partials.set(path, partial);
      await this.#store.keepPartial(partial);
      this.#refetching = path;
    }
    this.#send({ kind: 'discarded' });
    if (isOver(this.#state)) await this.#store.dropPartial(this.plan, path);
  }

  async #wait(ms: number | null): Promise<void> {
    this.#speed.reset();
    await this.#writer?.writer.save();
    const { signal } = this.#work;
    const until = ms === null ? null : performance.now() + ms;
    // Counts down in view; a device that slept past the end goes on at once, and so does one that comes online.
    for (;;) {
      const left = until === null ? 1_000 : until - performance.now();
      if (left <= 0 || signal.aborted) break;
      const isOnline = await waitFor(Math.min(left, 1_000), signal);
      if (until === null && (isOnline || navigator.onLine)) break;
      this.#toldAt = Number.NEGATIVE_INFINITY;
      this.#report(until === null ? null : Math.max(0, until - performance.now()));
    }
    if (!signal.aborted) this.#send({ kind: 'waited' });
  }

  async #commit(): Promise<void> {
    const partials = new Map((await this.#store.partials(this.plan)).map((one) => [one.path, one]));
    const files = this.plan.files.map(({ path, sizeBytes, from }): StoredFile => {
      const partial = partials.get(path);
      if (partial?.sha256 == null) throw new Error(`The file "${path}" is not whole.`);
      const { sha256, chunks } = partial;
      return { path, sizeBytes, sha256, url: 'url' in from ? from.url : null, chunks };
    });
    await this.#store.commit(makeVersion(this.plan, files));
    this.#send({ kind: 'committed' });
  }

  /** Leaves on the disk what a later visit needs of it. */
  async #putAside(rest: Rest): Promise<void> {
    const open = this.#writer?.writer;
    this.#writer = null;
    if (rest.as === 'paused' || rest.as === 'failed') await open?.save().catch(() => undefined);
    else await open?.settle();
    if (rest.as === 'done') return;
    if (rest.as === 'cancelled') {
      await this.#store.dropInstall(this.plan);
      return;
    }
    const entry = await this.#store.journalEntry(this.plan);
    if (entry === undefined) return;
    const failure = rest.as === 'failed' ? rest.failure : null;
    const row = { ...entry, wants: 'rest' as const, failure };
    // After a refusal nothing is kept: a disk that is full is not left full.
    if (keptBytes(this.#state) === 0) await this.#store.dropInstall(this.plan, row).catch(letFullDiskBe);
    else await this.#store.noteInstall(row);
  }

  async #writerOf(file: number): Promise<FileWriter> {
    if (this.#writer?.file === file) return this.#writer.writer;
    const { path, sizeBytes, gitSha1 } = this.plan.files[file]!;
    const written = { path, sizeBytes, wantsGitSha1: gitSha1 !== null };
    const writer = await FileWriter.open(this.#store, this.plan, written, this.#partials.get(path));
    // Each partial is gone on with once; later ones of this run are in the writer.
    this.#partials.delete(path);
    this.#writer = { file, writer };
    return writer;
  }

  #report(retryInMs?: number | null): void {
    const { doing } = this.#state;
    const now = performance.now();
    const doneBytes = keptBytes(this.#state);
    const moves = doing.kind === 'ask' || doing.kind === 'receive';
    if (moves) this.#speed.mark(now, doneBytes);
    if (doing.kind === 'receive' && now - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = now;
    this.#tell({
      ...progressBase(this.plan),
      doneBytes,
      totalBytes: totalBytes(this.#state),
      bytesPerSecond: moves ? this.#speed.bytesPerSecond : null,
      secondsLeft: moves ? this.#speed.secondsLeft(totalBytes(this.#state) - doneBytes) : null,
      file: 'file' in doing ? (this.plan.files[doing.file]?.path ?? null) : null,
      elsewhere: false,
      refetching: this.#refetching,
      ...shown(doing, retryInMs),
    });
  }
}

/** Where not even a line has room the journal stays as it is, and the next visit tries again. */
function letFullDiskBe(error: unknown): void {
  if (!(error instanceof FailureError) || error.failure.code !== 'storage-full') throw error;
}
