/** Blind tests that survive a reload: the tests with their votes, and apart from them the pictures of each pair. */
import type { DBSchema, IDBPDatabase } from 'idb';
import type { BlindTest } from '#core/blind/blind-test.ts';
import { openTables } from './open-tables.ts';

const DATABASE = 'kiln-blind';

export interface BlindStore {
  /** Newest first. */
  list(): Promise<BlindTest[]>;
  put(test: BlindTest): Promise<void>;
  /** With its pictures. */
  remove(id: string): Promise<void>;
  putPicture(id: string, pair: number, side: 'a' | 'b', png: Blob): Promise<void>;
  picture(id: string, pair: number, side: 'a' | 'b'): Promise<Blob | null>;
  /** `pair:side` of every picture of a test that is here. */
  drawn(id: string): Promise<Set<string>>;
}

type PictureKey = [id: string, pair: number, side: string];

interface Tables extends DBSchema {
  tests: { key: string; value: BlindTest };
  pictures: { key: PictureKey; value: Blob };
}

const all = (id: string) => IDBKeyRange.bound([id], [id, []]);
const name = (id: string, pair: number, side: string) => `${id}/${pair}:${side}`;

/** Opens its database with the first call. Where the browser denies it, what is put stays in memory for the visit. */
export function createBlindStore(): BlindStore {
  let opening: Promise<IDBPDatabase<Tables> | null> | null = null;
  const tests = new Map<string, BlindTest>();
  const pictures = new Map<string, Blob>();
  // A browser may refuse with the call itself.
  const open = async () =>
    openTables<Tables>(DATABASE, 1, {
      upgrade(db) {
        db.createObjectStore('tests', { keyPath: 'id' });
        db.createObjectStore('pictures');
      },
      blocking(_current, _blocked, event) {
        (event.target as IDBDatabase).close();
        opening = null;
      },
      terminated() {
        opening = null;
      },
    });
  const database = () => {
    opening ??= open().catch(() => null);
    return opening;
  };
  return {
    list: async () => {
      const db = await database();
      const kept = db === null ? [] : await db.getAll('tests');
      return [...kept, ...tests.values()].sort((a, b) => b.createdAt - a.createdAt);
    },
    put: async (test) => {
      const isKept = await attempt(database, (db) => db.put('tests', test));
      if (isKept) tests.delete(test.id);
      else tests.set(test.id, test);
    },
    remove: async (id) => {
      tests.delete(id);
      for (const key of pictures.keys()) if (key.startsWith(`${id}/`)) pictures.delete(key);
      const db = await database();
      if (db === null) return;
      const transaction = db.transaction(['tests', 'pictures'], 'readwrite');
      await Promise.all([
        transaction.objectStore('tests').delete(id),
        transaction.objectStore('pictures').delete(all(id)),
        transaction.done,
      ]);
    },
    putPicture: async (id, pair, side, png) => {
      const isKept = await attempt(database, (db) => db.put('pictures', png, [id, pair, side]));
      if (!isKept) pictures.set(name(id, pair, side), png);
    },
    picture: async (id, pair, side) => {
      const db = await database();
      return (await db?.get('pictures', [id, pair, side])) ?? pictures.get(name(id, pair, side)) ?? null;
    },
    drawn: async (id) => {
      const db = await database();
      const keys = db === null ? [] : await db.getAllKeys('pictures', all(id));
      const own = [...pictures.keys()].filter((key) => key.startsWith(`${id}/`));
      return new Set([
        ...keys.map(([, pair, side]) => `${pair}:${side}`),
        ...own.map((key) => key.slice(id.length + 1)),
      ]);
    },
  };
}

/** @returns whether it was written: not where storage is denied or full */
async function attempt(
  database: () => Promise<IDBPDatabase<Tables> | null>,
  write: (db: IDBPDatabase<Tables>) => Promise<unknown>,
): Promise<boolean> {
  const db = await database();
  if (db === null) return false;
  try {
    await write(db);
    return true;
  } catch {
    return false;
  }
}
