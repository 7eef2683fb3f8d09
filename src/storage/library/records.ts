/** What the library keeps. A version of a model is named by its id and its revision. */
import type { Failure } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';

/** One installed or planned version. */
export interface VersionKey {
  /** A manifest's id: lower-case letters, digits, `.`, `_`, `-`. */
  id: string;
  /** The hub's commit, or another name of this very content. */
  revision: string;
}

/** `model`: makes pictures by its manifest. The others are files that somebody else reads by their paths. */
export type ItemKind = 'model' | 'captioner' | 'adapter';

export type InstallSource =
  /** `host` as in `https://huggingface.co`, `repository` as in `owner/name`, `commit` 40 hex digits. */
  | { kind: 'hub'; host: string; repository: string; commit: string }
  /** The folder of this name that lies beside the studio. */
  | { kind: 'origin' }
  /** A folder, dropped files or an archive; `label` is what the person would recognise. */
  | { kind: 'files'; label: string };

export interface PlannedFile {
  /** Relative to the manifest, as the manifest names it. */
  path: string;
  from: { url: string } | { blob: Blob };
  sizeBytes: number;
  /** 64 hex digits. Null until it was seen: then what arrives first is hashed and pinned. */
  sha256: string | null;
  /** The git object's name (40 hex digits), which vouches for a small file that has no sha256 in the listing. */
  gitSha1: string | null;
}

/** What an install is asked to do. Everything in it was shown to the person before. */
export interface InstallPlan extends VersionKey {
  kind: ItemKind;
  name: string;
  source: InstallSource;
  /** Null for everything but models. Its `files` are made from the plan's when all hashes are known. */
  manifest: Omit<Manifest, 'files'> | null;
  files: PlannedFile[];
}

export interface InstalledFile {
  path: string;
  sizeBytes: number;
  sha256: string;
}

/** What is noted of an installed version outside IndexedDB, so that an eviction can be told from a first visit. */
export interface NotedVersion extends VersionKey {
  kind: ItemKind;
  name: string;
  source: InstallSource;
  sizeBytes: number;
  installedAt: number;
  active: boolean;
  /** Enough to install it again; its files have their hashes. Without urls for what came from files. */
  manifest: Manifest | null;
  files: (InstalledFile & { url: string | null })[];
}

/** Bytes on the disk, named by their sha256. A file is its chunks, one after the other. */
export interface StoredChunk {
  sha256: string;
  sizeBytes: number;
}

export interface StoredFile extends InstalledFile {
  url: string | null;
  chunks: StoredChunk[];
}

/** A row of `versions`: the version exists because this row does. */
export interface StoredVersion extends VersionKey {
  kind: ItemKind;
  name: string;
  source: InstallSource;
  manifest: Manifest | null;
  files: StoredFile[];
  installedAt: number;
  /** Names of chunks whose bytes could not be read or were others. */
  damaged: string[];
}

/** Which revision of an id is used, and which were before it, the latest last. */
export interface ActiveRevision {
  id: string;
  revision: string;
  earlier: string[];
}

/** A row of `journal`: an install that is not over. */
export interface JournalEntry extends VersionKey {
  plan: InstallPlan;
  startedAt: number;
  /** What the person wants of it: an install that should run goes on by itself on the next visit. */
  wants: 'run' | 'rest';
  /** Why it rests, when it failed. */
  failure: Failure | null;
}

/** A row of `partials`: what of one file has arrived. Its chunks are in `chunks` already. */
export interface PartialFile extends VersionKey {
  path: string;
  chunks: StoredChunk[];
  /** What came after the last whole chunk. */
  tail: Blob | null;
  /** The hashers' states after the last whole chunk; null where there is none yet. */
  sha256State: Uint8Array | null;
  gitSha1State: Uint8Array | null;
  etag: string | null;
  /** Set when the file is whole and right. */
  sha256: string | null;
  damagedOnce: boolean;
}

export function keyName({ id, revision }: VersionKey): string {
  return `${id}@${revision}`;
}
