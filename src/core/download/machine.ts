/**
 * One install as a state machine without clock, network or disk. `state.doing` says what is to be done next;
 * whoever does it tells `reduce` what came of it. Exactly one thing is done at a time. It may be broken off by
 * `pause`, `cancel` or the end of the process; to go on is to `begin` again from what the disk holds.
 *
 * Installed means every byte hashes: `commit` is reached only when each file has its full length and a hash that
 * is the expected one.
 */
import type { Failure } from '../failure.ts';
import { backOffMs, MAX_ATTEMPTS } from './retry.ts';

export interface ExpectedFile {
  path: string;
  /** Where it comes from, for sentences: a host or what the person gave. */
  host: string;
  /** A page that says more, where there is one. */
  page: string | null;
  sizeBytes: number;
  /** 64 hex digits, or null: then what arrives is pinned. */
  sha256: string | null;
  /** 40 hex digits of the git object, or null. */
  gitSha1: string | null;
  /**
   * Whether the rest of a file may be asked for under a condition. To another origin If-Range is a header that a
   * browser asks leave for first, and hosts of the hub refuse that: there the answer's ETag is compared instead.
   */
  takesConditions: boolean;
}

export interface FileProgress {
  /** Bytes that are on the disk or in hand, from the start of the file. */
  keptBytes: number;
  /** Of the answer that these bytes came from; null when the server names none that is strong. */
  etag: string | null;
  /** Set when the file is whole and right. */
  sha256: string | null;
  /** It arrived damaged once already. */
  damagedOnce: boolean;
}

export type Doing =
  /** Ask for the file from this byte on; `ifRange` null asks without a condition. */
  | { kind: 'ask'; file: number; from: number; ifRange: string | null }
  /** Read the answer's body to its end, and hash. */
  | { kind: 'receive'; file: number }
  /** All its bytes are kept from before: hash what is there. */
  | { kind: 'finish'; file: number }
  /** Throw away what is kept of this file; `thenFail` ends the install where a second chance was spent. */
  | { kind: 'discard'; file: number; thenFail: Failure | null }
  /** `ms` null waits for the network. */
  | { kind: 'wait'; ms: number | null; because: Failure }
  | { kind: 'commit' }
  | { kind: 'rest'; as: 'paused' | 'done' | 'cancelled' }
  | { kind: 'rest'; as: 'failed'; failure: Failure };

export interface DownloadState {
  readonly expected: readonly ExpectedFile[];
  readonly files: readonly FileProgress[];
  readonly doing: Doing;
  /** Attempts in a row that brought nothing. */
  readonly attempts: number;
}

export type DownloadEvent =
  | {
      kind: 'answered';
      status: number;
      etag: string | null;
      /** Of a 206. */
      range: { from: number; totalBytes: number } | null;
      contentType: string | null;
      retryAfterMs: number | null;
      chance: number;
    }
  /** So many bytes of the file are in hand now. */
  | { kind: 'kept'; keptBytes: number }
  /** The body ended in good order with so many bytes in hand. */
  | { kind: 'ended'; keptBytes: number; sha256: string; gitSha1: string | null }
  /** More bytes came than the file has. */
  | { kind: 'overflowed' }
  /** No answer, or the connection broke; `offline` when the device has no network. */
  | { kind: 'broke'; detail: string; offline: boolean; chance: number }
  | { kind: 'switched-off' }
  | { kind: 'waited' }
  | { kind: 'discarded' }
  | { kind: 'committed' }
  /** The disk or the source refuses for good: all that was kept of this install goes. */
  | { kind: 'refused'; failure: Failure }
  | { kind: 'pause' }
  | { kind: 'cancel' };

const NOTHING_KEPT: FileProgress = { keptBytes: 0, etag: null, sha256: null, damagedOnce: false };

/** @param kept what the disk holds of each file, in the same order; absent entries hold nothing */
export function begin(
  expected: readonly ExpectedFile[],
  kept: readonly (FileProgress | undefined)[],
): DownloadState {
  const files = expected.map((_, i) => kept[i] ?? NOTHING_KEPT);
  return next({ expected, files, doing: { kind: 'commit' }, attempts: 0 });
}

export function isOver({ doing }: DownloadState): boolean {
  return doing.kind === 'rest';
}

export function keptBytes({ files }: DownloadState): number {
  return files.reduce((sum, file) => sum + file.keptBytes, 0);
}

export function totalBytes({ expected }: DownloadState): number {
  return expected.reduce((sum, file) => sum + file.sizeBytes, 0);
}

/** What is not expected in a state leaves it as it is: a late answer to something that was broken off. */
export function reduce(state: DownloadState, event: DownloadEvent): DownloadState {
  if (isOver(state)) return state;
  const { doing } = state;
  switch (event.kind) {
    case 'cancel':
      return rest(
        { ...state, files: state.files.map(() => NOTHING_KEPT) },
        { kind: 'rest', as: 'cancelled' },
      );
    case 'pause':
      return rest(state, { kind: 'rest', as: 'paused' });
    case 'refused':
      return fail({ ...state, files: state.files.map(() => NOTHING_KEPT) }, event.failure);
    case 'waited':
      return doing.kind === 'wait' ? next(state) : state;
    case 'committed':
      return doing.kind === 'commit' ? rest(state, { kind: 'rest', as: 'done' }) : state;
    case 'discarded':
      return doing.kind === 'discard' ? discarded(state, doing) : state;
    default:
      return doing.kind === 'ask' || doing.kind === 'receive' || doing.kind === 'finish'
        ? transferred(state, doing.kind, doing.file, event)
        : state;
  }
}

type Transfer = Extract<
  DownloadEvent,
  { kind: 'answered' | 'kept' | 'ended' | 'overflowed' | 'broke' | 'switched-off' }
>;

function transferred(
  state: DownloadState,
  doing: 'ask' | 'receive' | 'finish',
  file: number,
  event: Transfer,
): DownloadState {
  const { path, host } = state.expected[file]!;
  switch (event.kind) {
    case 'answered':
      return doing === 'ask' ? answered(state, file, event) : state;
    case 'kept':
      return doing === 'receive'
        ? { ...withFile(state, file, { keptBytes: event.keptBytes }), attempts: 0 }
        : state;
    case 'ended':
      return doing === 'ask' ? state : ended(state, file, event);
    case 'overflowed':
      return doing === 'receive' ? damaged(state, file) : state;
    case 'switched-off':
      return fail(state, { code: 'offline-switch-on', file: path });
    case 'broke': {
      if (event.offline) {
        return {
          ...state,
          doing: { kind: 'wait', ms: null, because: { code: 'download-offline', file: path } },
        };
      }
      const because: Failure = { code: 'download-cut', file: path, host, detail: event.detail };
      return retry(state, because, null, event.chance);
    }
  }
}

function answered(
  state: DownloadState,
  file: number,
  event: Extract<DownloadEvent, { kind: 'answered' }>,
): DownloadState {
  const { path, host, page, sizeBytes } = state.expected[file]!;
  const { keptBytes: have, etag: known } = state.files[file]!;
  const { status } = event;
  if (status === 401 || status === 403)
    return fail(state, { code: 'download-denied', file: path, host, status, page });
  if (status === 404 || status === 410)
    return fail(state, { code: 'download-gone', file: path, host, status });
  if (status === 416) return discard(state, file);
  if (status !== 200 && status !== 206) {
    const busy: Failure = { code: 'download-busy', file: path, host, status };
    return retry(state, busy, event.retryAfterMs, event.chance);
  }
  if (isPage(event.contentType, path)) return fail(state, { code: 'download-login-page', file: path, host });
  const etag = strong(event.etag);
  if (status === 200) {
    // From the start, whatever was asked for: what is kept belongs to another answer.
    if (have > 0) return discard(state, file);
    return { ...withFile(state, file, { etag }), doing: { kind: 'receive', file } };
  }
  const isSame = known === null || etag === null || known === etag;
  const fits = event.range !== null && event.range.from === have && event.range.totalBytes === sizeBytes;
  if (!isSame || !fits) return discard(state, file);
  return { ...withFile(state, file, { etag: etag ?? known }), doing: { kind: 'receive', file } };
}

function ended(
  state: DownloadState,
  file: number,
  event: Extract<DownloadEvent, { kind: 'ended' }>,
): DownloadState {
  const { path, host, sizeBytes, sha256, gitSha1 } = state.expected[file]!;
  if (event.keptBytes < sizeBytes) {
    const because: Failure = {
      code: 'download-short',
      file: path,
      host,
      expectedBytes: sizeBytes,
      actualBytes: event.keptBytes,
    };
    // An answer may end early and in good order: the rest is asked for.
    return retry(withFile(state, file, { keptBytes: event.keptBytes }), because, null, 0);
  }
  const isRight =
    event.keptBytes === sizeBytes &&
    (sha256 === null || sha256 === event.sha256) &&
    (gitSha1 === null || gitSha1 === event.gitSha1);
  if (!isRight) return damaged(state, file);
  return next({
    ...withFile(state, file, { keptBytes: sizeBytes, sha256: event.sha256 }),
    attempts: 0,
  });
}

/** Once more from the start; the second time it is the source. */
function damaged(state: DownloadState, file: number): DownloadState {
  const { path, host } = state.expected[file]!;
  if (state.files[file]!.damagedOnce)
    return discard(state, file, { code: 'download-damaged', file: path, host });
  return discard(withFile(state, file, { damagedOnce: true }), file);
}

function discard(state: DownloadState, file: number, thenFail: Failure | null = null): DownloadState {
  return { ...state, doing: { kind: 'discard', file, thenFail } };
}

function discarded(
  state: DownloadState,
  { file, thenFail }: { file: number; thenFail: Failure | null },
): DownloadState {
  // A resume after the second damage begins with a clean file, and with its two chances.
  if (thenFail !== null) return fail(withFile(state, file, NOTHING_KEPT), thenFail);
  return next(withFile(state, file, { keptBytes: 0, etag: null, sha256: null }));
}

function retry(state: DownloadState, because: Failure, toldMs: number | null, chance: number): DownloadState {
  const attempts = state.attempts + 1;
  if (attempts >= MAX_ATTEMPTS) return fail(state, because);
  const ms = toldMs ?? backOffMs(attempts, chance);
  return { ...state, attempts, doing: { kind: 'wait', ms, because } };
}

/** Goes on with the first file that is not whole, or commits. */
function next(state: DownloadState): DownloadState {
  const file = state.files.findIndex(({ sha256 }) => sha256 === null);
  if (file < 0) return { ...state, doing: { kind: 'commit' } };
  const { keptBytes: from, etag } = state.files[file]!;
  const { sizeBytes, takesConditions } = state.expected[file]!;
  if (from === sizeBytes) return { ...state, doing: { kind: 'finish', file } };
  const ifRange = from > 0 && takesConditions ? etag : null;
  return { ...state, doing: { kind: 'ask', file, from, ifRange } };
}

function fail(state: DownloadState, failure: Failure): DownloadState {
  return rest(state, { kind: 'rest', as: 'failed', failure });
}

function rest(state: DownloadState, doing: Doing): DownloadState {
  return { ...state, attempts: 0, doing };
}

function withFile(state: DownloadState, at: number, change: Partial<FileProgress>): DownloadState {
  return { ...state, files: state.files.map((file, i) => (i === at ? { ...file, ...change } : file)) };
}

/** A weak ETag does not vouch for bytes (RFC 9110, 8.8.1). */
function strong(etag: string | null): string | null {
  return etag === null || etag.startsWith('W/') ? null : etag;
}

function isPage(contentType: string | null, path: string): boolean {
  return /^text\/html\b/i.test(contentType ?? '') && !/\.html?$/i.test(path);
}
