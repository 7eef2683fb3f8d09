/** The database of adapters and of the kits made of them: one, so that a kit and its adapters are kept together. */
import type { DBSchema, IDBPDatabase } from 'idb';
import type { Kit } from '#core/kits/kit.ts';
import type { AdapterCard } from './adapters.ts';
import { openTables } from './open-tables.ts';

const DATABASE = 'kiln-adapters';
const VERSION = 2;

/** A kit and where it stands among the others. */
export interface StoredKit {
  id: string;
  position: number;
  kit: Kit;
}

interface Tables extends DBSchema {
  cards: { key: string; value: AdapterCard };
  files: { key: string; value: Blob };
  kits: { key: string; value: StoredKit };
}

export type AdapterDatabase = IDBPDatabase<Tables>;

/** @returns a function that opens the database with its first call, and again after another tab wanted it gone */
export function adapterDatabase(): () => Promise<AdapterDatabase> {
  let opening: Promise<AdapterDatabase> | null = null;
  return () => {
    opening ??= openTables<Tables>(DATABASE, VERSION, {
      upgrade(db, from) {
        if (from < 1) {
          db.createObjectStore('cards', { keyPath: 'sha256' });
          db.createObjectStore('files');
        }
        if (from < 2) db.createObjectStore('kits', { keyPath: 'id' });
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
}

/** Asks the database; a browser that denies storage has kept nothing. */
export async function readFrom<T>(
  open: () => Promise<AdapterDatabase>,
  none: T,
  ask: (db: AdapterDatabase) => Promise<T>,
): Promise<T> {
  let db: AdapterDatabase;
  try {
    db = await open();
  } catch {
    return none;
  }
  return ask(db);
}

export function whyNotKept(error: unknown): 'quota' | 'denied' {
  return error instanceof DOMException && error.name === 'QuotaExceededError' ? 'quota' : 'denied';
}

/**
 * A name that no other has, by a number behind it.
 * @param taken in lower case
 */
export function freeName(wish: string, taken: ReadonlySet<string>): string {
  let name = wish;
  for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${wish}-${n}`;
  return name;
}
