/**
 * Pictures and masks that requests start from, named by the sha256 of their bytes: a request stays plain JSON, and the
 * worker reads the bytes itself. What nobody used for a season goes.
 */
import type { DBSchema, IDBPDatabase } from 'idb';
import { whenAlone } from './alone.ts';
import { sha256Hex } from './library/hash.ts';
import type { Locks } from './queue.ts';
import { openTables } from './open-tables.ts';

const DATABASE = 'kiln-inputs';
const LOCK = 'kiln-inputs';
const VERSION = 1;
/** Milliseconds without use after which a sweep takes a file. */
const KEPT_MS = 90 * 24 * 60 * 60 * 1000;
/** Larger files are no pictures that a browser opens. */
export const MAX_INPUT_BYTES = 64 * 2 ** 20;

export type PutResult = { ok: true; sha256: string } | { ok: false; reason: 'quota' | 'denied' };

export interface InputStore {
  /** Keeps a file; one that is here already only counts as used. */
  put(file: Blob): Promise<PutResult>;
  /** @returns null when it is not here */
  get(sha256: string): Promise<Blob | null>;
  /**
   * Removes what was not used for long, but for those that `keep` names. Only while no other tab of the studio is open:
   * what is in its form is known to nobody else. Once in the life of a tab. A `keep` that fails keeps everything.
   */
  sweep(keep: () => Promise<ReadonlySet<string>>): Promise<void>;
}

interface Tables extends DBSchema {
  files: { key: string; value: Blob };
  /** When each was last put or read, in milliseconds since 1970. */
  used: { key: string; value: number };
}

/** Opens its database with the first call, and again after another tab wanted it gone. */
export function createInputStore(
  now: () => number = Date.now,
  locks: Locks | undefined = globalThis.navigator?.locks,
): InputStore {
  let opening: Promise<IDBPDatabase<Tables>> | null = null;
  const database = (): Promise<IDBPDatabase<Tables>> => {
    opening ??= openTables<Tables>(DATABASE, VERSION, {
      upgrade(db) {
        db.createObjectStore('files');
        db.createObjectStore('used');
      },
      blocking(_current, _blocked, event) {
        (event.target as IDBDatabase).close();
        opening = null;
      },
      terminated() {
        opening = null;
      },
    }).catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };
  return {
    put: async (file) => {
      try {
        const bytes = await file.arrayBuffer();
        const sha256 = await sha256Hex(new Uint8Array(bytes));
        const transaction = (await database()).transaction(['files', 'used'], 'readwrite');
        const files = transaction.objectStore('files');
        // A Blob of its own: one that lies on a file of the person would go with it.
        if ((await files.count(sha256)) === 0)
          await files.put(new Blob([bytes], { type: file.type }), sha256);
        await Promise.all([transaction.objectStore('used').put(now(), sha256), transaction.done]);
        return { ok: true, sha256 };
      } catch (error) {
        const isFull = error instanceof DOMException && error.name === 'QuotaExceededError';
        return { ok: false, reason: isFull ? 'quota' : 'denied' };
      }
    },
    get: async (sha256) => {
      let db: IDBPDatabase<Tables>;
      try {
        db = await database();
      } catch {
        // A browser that denies storage has kept nothing.
        return null;
      }
      const file = (await db.get('files', sha256)) ?? null;
      if (file !== null) await db.put('used', now(), sha256).catch(() => undefined);
      return file;
    },
    sweep: async (keep) => {
      // Without locks nobody knows whether this tab is alone.
      if (locks === undefined) return;
      try {
        await whenAlone(locks, LOCK, async () => {
          const kept = await keep();
          const transaction = (await database()).transaction(['files', 'used'], 'readwrite');
          const used = transaction.objectStore('used');
          for (const sha256 of await used.getAllKeys()) {
            if (!isForgotten(sha256, (await used.get(sha256)) ?? 0, kept, now())) continue;
            await transaction.objectStore('files').delete(sha256);
            await used.delete(sha256);
          }
          await transaction.done;
        });
      } catch {
        // Nothing is lost by a sweep that did not happen.
      }
    },
  };
}

/** @param usedAt and `at` in milliseconds since 1970 */
export function isForgotten(sha256: string, usedAt: number, kept: ReadonlySet<string>, at: number): boolean {
  return !kept.has(sha256) && at - usedAt >= KEPT_MS;
}
