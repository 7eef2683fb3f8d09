/**
 * The wire between the page and the library worker: types only, plain data both ways. A version of a model is
 * named by its id and its revision; what a person can act on comes back as a value, nothing is thrown across.
 */
import type { Failure } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type {
  InstalledFile,
  InstallPlan,
  InstallSource,
  ItemKind,
  NotedVersion,
  PlannedFile,
  VersionKey,
} from '#storage/library/records.ts';

export type { InstalledFile, InstallPlan, InstallSource, ItemKind, NotedVersion, PlannedFile, VersionKey };

/** `evicted`: the browser removed it, only the note of it is left. `damaged`: some bytes cannot be read or hash wrong. */
export type InstalledState = 'installed' | 'evicted' | 'damaged';

export interface InstalledModel extends VersionKey {
  kind: ItemKind;
  name: string;
  source: InstallSource;
  /** Null for everything but models, and for what was evicted. */
  manifest: Manifest | null;
  files: InstalledFile[];
  /** All its files. */
  sizeBytes: number;
  /** What removing it would free: chunks that no other version shares. */
  freesBytes: number;
  /** Milliseconds since 1970. */
  installedAt: number;
  state: InstalledState;
  /** Paths of the files with damaged chunks. */
  damagedFiles: string[];
  /** Requests that name only the id are drawn with this revision. */
  active: boolean;
}

/** A model that lies beside the studio on its own host and needs no install. */
export interface StarterModel {
  id: string;
  /** sha256 over its file list: changes when any file changes. */
  revision: string;
  manifest: Manifest;
  sizeBytes: number;
}

interface ProgressBase extends VersionKey {
  name: string;
  doneBytes: number;
  totalBytes: number;
  /** Null until a second has been measured. */
  bytesPerSecond: number | null;
  secondsLeft: number | null;
  /** What is fetched or verified now. */
  file: string | null;
  /** The download runs in another tab of this browser; pause, resume and cancel reach it there. */
  elsewhere: boolean;
  /** A file arrived damaged and is being fetched a second time. */
  refetching: string | null;
}

export type InstallProgress = ProgressBase &
  (
    | { state: 'queued' | 'downloading' | 'paused' | 'verifying' | 'done' | 'cancelled' }
    | {
        state: 'waiting-to-retry';
        /** Until the next attempt; `null` waits for the network to come back. */
        retryInSeconds: number | null;
        because: Failure;
      }
    | { state: 'failed'; failure: Failure }
  );

export type InstallState = InstallProgress['state'];

export type InstallOutcome =
  | { outcome: 'done'; model: InstalledModel }
  /** Paused ends no call: an install that is paused and resumed answers when it is over. */
  | { outcome: 'cancelled' }
  | { outcome: 'failed'; failure: Failure };

export type LibraryResult<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export interface Library {
  /** Newest first; all kinds, all revisions, evicted ones too. */
  installed: InstalledModel[];
  starters: StarterModel[];
  /** Under way, paused or failed, oldest first. Nothing of them is in `installed`. */
  installing: InstallProgress[];
}

export interface LibraryUsage {
  /** Bytes of all installed versions, chunks that are shared counted once. */
  installedBytes: number;
  /** Bytes of downloads that are not finished. */
  partialBytes: number;
  /** What the browser says this origin takes, the gallery and the offline studio included; null where it does not. */
  originBytes: number | null;
  /** Whether the browser promised not to clear it when it needs room; null before anyone asked or where it cannot. */
  persisted: boolean | null;
}

export interface VerifyReport extends VersionKey {
  checkedBytes: number;
  damagedFiles: string[];
}

export type LibraryEvent =
  | { kind: 'progress'; progress: InstallProgress }
  /** Something was installed, removed, repaired, damaged or made active: list again. In every tab. */
  | { kind: 'changed' }
  /** The browser's answer to the one request for persistence, with the first install. */
  | { kind: 'persistence'; persisted: boolean }
  | { kind: 'checking'; key: VersionKey; checkedBytes: number; totalBytes: number };

/** What the worker tells; `removed` names what was removed knowingly, so that nobody takes it for evicted. */
export type LibraryWorkerEvent =
  | Exclude<LibraryEvent, { kind: 'persistence' | 'changed' }>
  | { kind: 'changed'; removed: VersionKey | null };

/** The worker's side: as `LibraryClient`, without what only a page can do or remember. */
export interface LibraryWorkerApi {
  listen(listener: (event: LibraryWorkerEvent) => void): Promise<void>;
  list(): Promise<LibraryResult<{ library: Library; noted: NotedVersion[] }>>;
  install(plan: InstallPlan): Promise<InstallOutcome>;
  pause(key: VersionKey): Promise<void>;
  resume(key: VersionKey): Promise<void>;
  cancel(key: VersionKey): Promise<void>;
  verify(key: VersionKey): Promise<LibraryResult<VerifyReport>>;
  repair(key: VersionKey): Promise<InstallOutcome>;
  remove(key: VersionKey): Promise<LibraryResult<{ freedBytes: number }>>;
  setActive(key: VersionKey): Promise<LibraryResult<null>>;
  rollBack(id: string): Promise<LibraryResult<VersionKey>>;
  exportModel(key: VersionKey): Promise<LibraryResult<Blob>>;
  backup(): Promise<LibraryResult<Blob>>;
  importArchive(archive: Blob): Promise<LibraryResult<{ installed: VersionKey[] }>>;
  usage(): Promise<LibraryResult<Omit<LibraryUsage, 'persisted'>>>;
}

/** What the page does with the library; `engine/library-client.ts` makes one. No call throws for what a person can act on. */
export interface LibraryClient {
  list(): Promise<LibraryResult<Library>>;
  /** @returns a function that ends the listening */
  subscribe(listener: (event: LibraryEvent) => void): () => void;
  /**
   * Answers when the install is over; `progress` events tell of it in between, in every tab. The same version
   * asked for twice, here or in another tab, is one download. What is installed already answers at once.
   */
  install(plan: InstallPlan): Promise<InstallOutcome>;
  /** Keeps what has arrived, also over a reload. */
  pause(key: VersionKey): Promise<void>;
  /** Goes on with a paused or failed install, also one of an earlier visit. */
  resume(key: VersionKey): Promise<void>;
  /** Ends it and throws away what has arrived. */
  cancel(key: VersionKey): Promise<void>;
  /** Reads and hashes every byte; what is wrong is marked. `checking` events tell of it. */
  verify(key: VersionKey): Promise<LibraryResult<VerifyReport>>;
  /** Fetches what is damaged or evicted, chunk by chunk where the source allows it. */
  repair(key: VersionKey): Promise<InstallOutcome>;
  remove(key: VersionKey): Promise<LibraryResult<{ freedBytes: number }>>;
  /** From now on requests that name only the id are drawn with this revision. */
  setActive(key: VersionKey): Promise<LibraryResult<null>>;
  /** Makes the revision active that was active before. Fails with `no-earlier-version` when there is none. */
  rollBack(id: string): Promise<LibraryResult<VersionKey>>;
  /** One version as a zip archive, not compressed: weights do not shrink. */
  exportModel(key: VersionKey): Promise<LibraryResult<Blob>>;
  /** Every installed version as one archive. */
  backup(): Promise<LibraryResult<Blob>>;
  /** Installs what an archive of either kind holds; what is installed already is left as it is. */
  importArchive(archive: Blob): Promise<LibraryResult<{ installed: VersionKey[] }>>;
  usage(): Promise<LibraryResult<LibraryUsage>>;
}
