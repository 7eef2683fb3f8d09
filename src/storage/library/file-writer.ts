/**
 * One file on its way to the disk: hashed while it comes, cut into chunks, each written while the next one fills.
 * Two chunks are in memory at most. What is kept can be gone on with after the process has ended.
 */
import { createSHA1, createSHA256, type IHasher } from 'hash-wasm';
import { sha256Hex } from './hash.ts';
import type { PartialFile, StoredChunk, VersionKey } from './records.ts';
import type { LibraryStore } from './store.ts';

export const CHUNK_BYTES = 8 * 2 ** 20;

export interface WrittenFile {
  path: string;
  sizeBytes: number;
  /** Only small files are vouched for by git's name of them. */
  wantsGitSha1: boolean;
}

export interface FileHashes {
  sha256: string;
  gitSha1: string | null;
}

export class FileWriter {
  readonly #store: LibraryStore;
  readonly #row: Omit<PartialFile, 'chunks' | 'tail' | 'sha256State' | 'gitSha1State'>;
  readonly #file: WrittenFile;
  readonly #chunks: StoredChunk[];
  #sha256: IHasher;
  #gitSha1: IHasher | null;
  #buffer: Uint8Array<ArrayBuffer>;
  #filled = 0;
  #takenBytes: number;
  #spare: Uint8Array<ArrayBuffer> | null = null;
  #writing: Promise<void> = Promise.resolve();
  #isSaved = true;

  private constructor(
    store: LibraryStore,
    file: WrittenFile,
    partial: PartialFile,
    hashers: { sha256: IHasher; gitSha1: IHasher | null },
  ) {
    this.#store = store;
    this.#file = file;
    const { chunks, tail: _, sha256State: __, gitSha1State: ___, ...row } = partial;
    this.#row = row;
    this.#chunks = [...chunks];
    this.#takenBytes = sumOf(chunks);
    this.#sha256 = hashers.sha256;
    this.#gitSha1 = hashers.gitSha1;
    this.#buffer = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(1, file.sizeBytes)));
  }

  /** Goes on with what is kept; what cannot be read or does not fit is as if it were not there. */
  static async open(
    store: LibraryStore,
    key: VersionKey,
    file: WrittenFile,
    kept: PartialFile | undefined,
  ): Promise<FileWriter> {
    const partial = kept ?? emptyPartial(key, file.path);
    try {
      const hashers = await hashersOf(partial, file);
      const writer = new FileWriter(store, file, partial, hashers);
      if (partial.tail !== null) writer.#fill(new Uint8Array(await partial.tail.arrayBuffer()), 0);
      return writer;
    } catch {
      const empty = { ...emptyPartial(key, file.path), damagedOnce: partial.damagedOnce };
      return new FileWriter(store, file, empty, await hashersOf(empty, file));
    }
  }

  /** Taken, hashed and on its way to the disk. */
  get keptBytes(): number {
    return this.#takenBytes;
  }

  get chunks(): readonly StoredChunk[] {
    return this.#chunks;
  }

  set etag(etag: string | null) {
    this.#row.etag = etag;
  }

  /**
   * Takes the next bytes; waits while two chunks are full.
   * @returns false when the file would become longer than it is: then nothing of them is taken
   * @throws FailureError `storage-full`
   */
  async write(bytes: Uint8Array): Promise<boolean> {
    if (this.#takenBytes + bytes.byteLength > this.#file.sizeBytes) return false;
    for (let at = 0; at < bytes.byteLength; ) {
      at += this.#fill(bytes, at);
      if (this.#filled === CHUNK_BYTES) await this.#writeChunk();
    }
    return true;
  }

  /** Keeps what has come since the last whole chunk, so that it is there after a kill. */
  async save(): Promise<void> {
    await this.#writing;
    if (this.#isSaved) return;
    this.#isSaved = true;
    await this.#store.keepPartial(this.#partial(this.#tail()));
  }

  /** Waits for what is being written, however it ends. */
  async settle(): Promise<void> {
    await this.#writing.catch(() => undefined);
  }

  /** Writes what is left. @throws FailureError `storage-full` */
  async finish(): Promise<FileHashes> {
    if (this.#filled > 0) await this.#writeChunk();
    await this.#writing;
    const only = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    return {
      sha256: only?.sha256 ?? this.#sha256.digest('hex'),
      gitSha1: this.#gitSha1?.digest('hex') ?? null,
    };
  }

  /** Notes that the file is whole and right. */
  async confirm(sha256: string): Promise<void> {
    await this.#store.keepPartial({ ...this.#row, chunks: this.#chunks, tail: null, ...NO_STATES, sha256 });
  }

  #fill(bytes: Uint8Array, from: number): number {
    const count = Math.min(bytes.byteLength - from, this.#buffer.byteLength - this.#filled);
    this.#buffer.set(bytes.subarray(from, from + count), this.#filled);
    this.#filled += count;
    this.#takenBytes += count;
    this.#isSaved = false;
    return count;
  }

  async #writeChunk(): Promise<void> {
    await this.#writing;
    const full = this.#buffer.subarray(0, this.#filled);
    const isWholeFile = this.#filled === this.#file.sizeBytes;
    this.#buffer = isWholeFile ? EMPTY : (this.#spare ?? new Uint8Array(CHUNK_BYTES));
    this.#spare = null;
    this.#filled = 0;
    const digest = sha256Hex(full);
    this.#gitSha1?.update(full);
    // A file of one chunk has the chunk's hash. Else the two are computed side by side.
    if (!isWholeFile) this.#sha256.update(full);
    const states = isWholeFile
      ? NO_STATES
      : { sha256State: this.#sha256.save(), gitSha1State: this.#gitSha1?.save() ?? null };
    this.#isSaved = true;
    this.#writing = (async () => {
      const sha256 = await digest;
      this.#chunks.push({ sha256, sizeBytes: full.byteLength });
      const row = { ...this.#row, chunks: [...this.#chunks], tail: null, ...states };
      await this.#store.keepChunk(sha256, new Blob([full]), row);
      if (full.buffer.byteLength === CHUNK_BYTES) this.#spare = new Uint8Array(full.buffer);
    })();
    // Whoever waits for it next hears of a failure; until then nobody may be listening.
    this.#writing.catch(() => undefined);
  }

  #tail(): Blob | null {
    return this.#filled === 0 ? null : new Blob([this.#buffer.subarray(0, this.#filled)]);
  }

  #partial(tail: Blob | null): PartialFile {
    return {
      ...this.#row,
      chunks: [...this.#chunks],
      tail,
      sha256State: this.#sha256.save(),
      gitSha1State: this.#gitSha1?.save() ?? null,
    };
  }
}

const EMPTY = new Uint8Array(0);
const NO_STATES = { sha256State: null, gitSha1State: null };

export function emptyPartial({ id, revision }: VersionKey, path: string): PartialFile {
  return {
    id,
    revision,
    path,
    chunks: [],
    tail: null,
    ...NO_STATES,
    etag: null,
    sha256: null,
    damagedOnce: false,
  };
}

export function partialBytes({ chunks, tail }: PartialFile): number {
  return sumOf(chunks) + (tail?.size ?? 0);
}

function sumOf(chunks: readonly StoredChunk[]): number {
  return chunks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

async function hashersOf(
  { chunks, sha256State, gitSha1State }: PartialFile,
  { sizeBytes, wantsGitSha1 }: WrittenFile,
): Promise<{ sha256: IHasher; gitSha1: IHasher | null }> {
  const sha256 = (await createSHA256()).init();
  const gitSha1 = wantsGitSha1 ? (await createSHA1()).init() : null;
  // The name of a git object is the hash of its kind and length, then its bytes.
  gitSha1?.update(`blob ${sizeBytes}\0`);
  if (sha256State !== null) sha256.load(sha256State);
  if (gitSha1State !== null) gitSha1?.load(gitSha1State);
  const hasStates = sha256State !== null && (gitSha1 === null || gitSha1State !== null);
  // A single chunk that is the whole file needs none: its name is the file's hash.
  const isWholeFile = chunks.length === 1 && chunks[0]?.sizeBytes === sizeBytes && gitSha1 === null;
  if (chunks.length > 0 && !hasStates && !isWholeFile)
    throw new Error('The states of the hashers are not kept.');
  return { sha256, gitSha1 };
}
