/**
 * The library's database. A version exists only if its row in `versions` does, and one transaction writes that row
 * and deletes the journal of its install: a half installed version never exists. Chunks are named by their
 * content, so versions share what they have in common; a chunk goes when no row names it.
 */
import { FailureError } from '#core/failure.ts';
import { type Database, openDatabase } from './database.ts';
import type {
  ActiveRevision,
  JournalEntry,
  PartialFile,
  StoredChunk,
  StoredVersion,
  VersionKey,
} from './records.ts';

const ALL = ['chunks', 'versions', 'active', 'journal', 'partials'] as const;

/** Where there is no IndexedDB at all, as in Node, nobody need try. */
export function canHaveLibrary(): boolean {
  return globalThis.indexedDB !== undefined;
}

/** Opens when first used, and again after the browser closed it (an eviction, another tab's upgrade). */
export class LibraryStore {
  #open: Promise<Database> | null = null;

  /** @throws FailureError `storage-denied`, `storage-blocked` */
  async #db(): Promise<Database> {
    if (this.#open === null) {
      const { answer, settled } = openDatabase(() => {
        this.#open = null;
      });
      this.#open = answer;
      // Another request would only queue behind one that is blocked: until that is through, its answer holds.
      void settled.then((db) => {
        this.#open = db && Promise.resolve(db);
      });
    }
    return this.#open;
  }

  /** Runs work on the database, and once more on a new connection where the old one was closed under it. */
  async #with<T>(work: (db: Database) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#db());
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw error;
      this.#open = null;
      return work(await this.#db());
    }
  }

  versions(): Promise<StoredVersion[]> {
    return this.#with((db) => db.getAll('versions'));
  }

  version({ id, revision }: VersionKey): Promise<StoredVersion | undefined> {
    return this.#with((db) => db.get('versions', [id, revision]));
  }

  active(): Promise<ActiveRevision[]> {
    return this.#with((db) => db.getAll('active'));
  }

  /** The version that a request which names only the id is drawn with. */
  activeVersion(id: string): Promise<StoredVersion | undefined> {
    return this.#with(async (db) => {
      const transaction = db.transaction(['active', 'versions']);
      const active = await transaction.objectStore('active').get(id);
      return active && transaction.objectStore('versions').get([id, active.revision]);
    });
  }

  journal(): Promise<JournalEntry[]> {
    return this.#with((db) => db.getAll('journal'));
  }

  journalEntry({ id, revision }: VersionKey): Promise<JournalEntry | undefined> {
    return this.#with((db) => db.get('journal', [id, revision]));
  }

  /** @throws FailureError `storage-full` */
  noteInstall(entry: JournalEntry): Promise<void> {
    return this.#with((db) => guardQuota(this, 0, async () => void (await db.put('journal', entry))));
  }

  partials({ id, revision }: VersionKey): Promise<PartialFile[]> {
    return this.#with((db) => db.getAllFromIndex('partials', 'install', IDBKeyRange.only([id, revision])));
  }

  allPartials(): Promise<PartialFile[]> {
    return this.#with((db) => db.getAll('partials'));
  }

  /**
   * Keeps one chunk together with the row that names it.
   * @throws FailureError `storage-full`: then neither is kept
   */
  keepChunk(name: string, bytes: Blob, partial: PartialFile): Promise<void> {
    return this.#with((db) =>
      guardQuota(this, bytes.size, async () => {
        const transaction = db.transaction(['chunks', 'partials'], 'readwrite', { durability: 'relaxed' });
        quiet(transaction);
        const chunks = transaction.objectStore('chunks');
        const isThere = (await chunks.getKey(name)) !== undefined;
        await Promise.all([
          isThere ? undefined : chunks.put(bytes, name),
          transaction.objectStore('partials').put(partial),
          transaction.done,
        ]);
      }),
    );
  }

  /** @throws FailureError `storage-full` */
  keepPartial(partial: PartialFile): Promise<void> {
    return this.#with((db) =>
      guardQuota(this, partial.tail?.size ?? 0, async () => {
        await db.put('partials', partial);
      }),
    );
  }

  /** Throws away what has arrived of a file. */
  async dropPartial({ id, revision }: VersionKey, path: string): Promise<void> {
    await this.#with((db) => db.delete('partials', [id, revision, path]));
    await this.sweep();
  }

  /**
   * The version is there from here on, and its install is over.
   * @throws FailureError `storage-full`: then nothing changed
   */
  commit(version: StoredVersion): Promise<void> {
    const { id, revision } = version;
    return this.#with((db) =>
      guardQuota(this, 0, async () => {
        const transaction = db.transaction(ALL, 'readwrite', { durability: 'strict' });
        quiet(transaction);
        await transaction.objectStore('versions').put(version);
        const active = transaction.objectStore('active');
        await active.put(activated(await active.get(id), { id, revision }));
        await transaction.objectStore('journal').delete([id, revision]);
        const partials = transaction.objectStore('partials');
        for (const key of await partials.index('install').getAllKeys(IDBKeyRange.only([id, revision]))) {
          await partials.delete(key);
        }
        await transaction.done;
      }),
    );
  }

  /**
   * Forgets an install with all that has arrived; `keepEntry` leaves its line in the journal.
   * @throws FailureError `storage-full` when even that line has no room: then all else is gone
   */
  async dropInstall(key: VersionKey, keepEntry?: JournalEntry): Promise<void> {
    const { id, revision } = key;
    await this.#with(async (db) => {
      const transaction = db.transaction(['journal', 'partials'], 'readwrite');
      quiet(transaction);
      if (keepEntry === undefined) await transaction.objectStore('journal').delete([id, revision]);
      const partials = transaction.objectStore('partials');
      for (const one of await partials.index('install').getAllKeys(IDBKeyRange.only([id, revision]))) {
        await partials.delete(one);
      }
      await transaction.done;
    });
    await this.sweep();
    // Only after room was made: a full disk refuses a transaction that also writes.
    if (keepEntry !== undefined) await this.noteInstall(keepEntry);
  }

  /** @returns bytes that no version needs any more and that are gone */
  async remove({ id, revision }: VersionKey): Promise<number> {
    await this.#with(async (db) => {
      const transaction = db.transaction(['versions', 'active'], 'readwrite', { durability: 'strict' });
      quiet(transaction);
      await transaction.objectStore('versions').delete([id, revision]);
      const table = transaction.objectStore('active');
      const active = await table.get(id);
      if (active) {
        const earlier = active.earlier.filter((one) => one !== revision);
        const next = active.revision === revision ? earlier.pop() : active.revision;
        if (next === undefined) await table.delete(id);
        else await table.put({ id, revision: next, earlier });
      }
      await transaction.done;
    });
    return this.sweep();
  }

  setActive(key: VersionKey): Promise<void> {
    return this.#with(async (db) => {
      const transaction = db.transaction('active', 'readwrite');
      quiet(transaction);
      await transaction.store.put(activated(await transaction.store.get(key.id), key));
      await transaction.done;
    });
  }

  /** Back to the revision that was active before. @returns it, or null when there is none */
  rollBack(id: string): Promise<VersionKey | null> {
    return this.#with(async (db) => {
      const transaction = db.transaction('active', 'readwrite');
      quiet(transaction);
      const active = await transaction.store.get(id);
      const revision = active?.earlier.at(-1);
      if (active === undefined || revision === undefined) return null;
      // What was active stays within reach, at the far end.
      const earlier = [active.revision, ...active.earlier.slice(0, -1)];
      await transaction.store.put({ id, revision, earlier });
      await transaction.done;
      return { id, revision };
    });
  }

  /** @returns the chunk as it lies on the disk, unread and unchecked */
  chunk(name: string): Promise<Blob | undefined> {
    return this.#with((db) => db.get('chunks', name));
  }

  /** @returns each chunk in the order asked for, unread and unchecked */
  chunks(names: readonly string[]): Promise<(Blob | undefined)[]> {
    return this.#with(async (db) => {
      const transaction = db.transaction('chunks');
      return Promise.all(names.map((name) => transaction.store.get(name)));
    });
  }

  /** Puts sound bytes where damaged ones were. @throws FailureError `storage-full` */
  mendChunk(name: string, bytes: Blob): Promise<void> {
    return this.#with((db) =>
      guardQuota(this, bytes.size, async () => {
        const transaction = db.transaction(['chunks', 'versions'], 'readwrite', { durability: 'strict' });
        quiet(transaction);
        await transaction.objectStore('chunks').put(bytes, name);
        await eachVersion(transaction.objectStore('versions'), (version) =>
          version.damaged.includes(name)
            ? { ...version, damaged: version.damaged.filter((one) => one !== name) }
            : null,
        );
        await transaction.done;
      }),
    );
  }

  /** Marks chunks as damaged in every version that has them. */
  markDamaged(names: readonly string[]): Promise<void> {
    return this.#with(async (db) => {
      const transaction = db.transaction('versions', 'readwrite');
      quiet(transaction);
      await eachVersion(transaction.store, (version) => {
        const has = new Set(version.files.flatMap(({ chunks }) => chunks.map(({ sha256 }) => sha256)));
        const damaged = [...new Set([...version.damaged, ...names.filter((name) => has.has(name))])];
        return damaged.length > version.damaged.length ? { ...version, damaged } : null;
      });
      await transaction.done;
    });
  }

  /** Deletes the chunks that no row names. @returns how many bytes that were */
  sweep(): Promise<number> {
    return this.#with(async (db) => {
      const transaction = db.transaction(['chunks', 'versions', 'partials'], 'readwrite');
      quiet(transaction);
      const named = new Set<string>();
      for (const { files } of await transaction.objectStore('versions').getAll())
        for (const { chunks } of files) for (const { sha256 } of chunks) named.add(sha256);
      for (const { chunks } of await transaction.objectStore('partials').getAll())
        for (const { sha256 } of chunks) named.add(sha256);
      const chunks = transaction.objectStore('chunks');
      let bytes = 0;
      for (const name of await chunks.getAllKeys()) {
        if (named.has(name)) continue;
        bytes += (await chunks.get(name))?.size ?? 0;
        await chunks.delete(name);
      }
      await transaction.done;
      return bytes;
    });
  }
}

/** A request that fails rejects its transaction too: the first of the two is the one that is thrown. */
function quiet({ done }: { done: Promise<void> }): void {
  done.catch(() => undefined);
}

/** The chunks of a version, each once. */
export function chunksOf({ files }: { files: { chunks: StoredChunk[] }[] }): Map<string, number> {
  return new Map(files.flatMap(({ chunks }) => chunks.map(({ sha256, sizeBytes }) => [sha256, sizeBytes])));
}

function activated(active: ActiveRevision | undefined, { id, revision }: VersionKey): ActiveRevision {
  if (active === undefined) return { id, revision, earlier: [] };
  if (active.revision === revision) return active;
  return { id, revision, earlier: [...active.earlier.filter((one) => one !== revision), active.revision] };
}

interface VersionTable {
  getAll(): Promise<StoredVersion[]>;
  put(version: StoredVersion): Promise<unknown>;
}

async function eachVersion(
  table: VersionTable,
  change: (version: StoredVersion) => StoredVersion | null,
): Promise<void> {
  for (const version of await table.getAll()) {
    const changed = change(version);
    if (changed !== null) await table.put(changed);
  }
}

/** Turns the browser's refusal into one that names what could go. */
async function guardQuota(store: LibraryStore, bytes: number, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isQuota(error)) throw error;
    const versions = await store.versions().catch(() => []);
    const couldGo = versions.map((version) => ({
      name: version.name,
      sizeBytes: [...chunksOf(version).values()].reduce((a, b) => a + b, 0),
    }));
    throw new FailureError({ code: 'storage-full', neededBytes: bytes, couldGo }, { cause: error });
  }
}

function isQuota(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}
