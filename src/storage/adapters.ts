/**
 * Adapters that survive a reload, named by the sha256 of their file. Cards lie apart from the files, so that listing
 * many reads none of them; one transaction writes both.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { AdapterSummary } from '#core/lora/summary.ts';

const DATABASE = 'kiln-adapters';
const VERSION = 1;

/** An adapter as a list shows it. */
export interface AdapterCard {
  sha256: string;
  /** The field's short hash: twelve digits of the sha256 of what follows the header. */
  loraHash: string;
  /** The file's name without its ending: what prompts call it. No two adapters have the same. */
  name: string;
  sizeBytes: number;
  /** Milliseconds since 1970. */
  addedAt: number;
  summary: AdapterSummary;
}

export type AddResult = { ok: true; card: AdapterCard } | { ok: false; reason: 'quota' | 'denied' };

export interface AdapterStore {
  /** Oldest first. */
  list(): Promise<AdapterCard[]>;
  /** @returns null when there is none */
  open(sha256: string): Promise<Blob | null>;
  /**
   * Keeps a file whole or not at all. One that is here already stays as it is, and its card is answered; a name that
   * another file has gets a number.
   */
  add(card: AdapterCard, file: Blob): Promise<AddResult>;
  remove(sha256: string): Promise<void>;
}

interface Tables extends DBSchema {
  cards: { key: string; value: AdapterCard };
  files: { key: string; value: Blob };
}

/** Opens its database with the first call, and again after another tab wanted it gone. */
export function createAdapterStore(): AdapterStore {
  let opening: Promise<IDBPDatabase<Tables>> | null = null;
  const database = (): Promise<IDBPDatabase<Tables>> => {
    opening ??= openDB<Tables>(DATABASE, VERSION, {
      upgrade(db) {
        db.createObjectStore('cards', { keyPath: 'sha256' });
        db.createObjectStore('files');
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
  const read = async <T>(none: T, ask: (db: IDBPDatabase<Tables>) => Promise<T>): Promise<T> => {
    let db: IDBPDatabase<Tables>;
    try {
      db = await database();
    } catch {
      // A browser that denies storage has kept nothing.
      return none;
    }
    return ask(db);
  };
  return {
    list: () => read([], async (db) => (await db.getAll('cards')).sort((a, b) => a.addedAt - b.addedAt)),
    open: (sha256) => read<Blob | null>(null, async (db) => (await db.get('files', sha256)) ?? null),
    remove: (sha256) =>
      read(undefined, async (db) => {
        const transaction = db.transaction(['cards', 'files'], 'readwrite');
        await Promise.all([
          transaction.objectStore('cards').delete(sha256),
          transaction.objectStore('files').delete(sha256),
          transaction.done,
        ]);
      }),
    add: async (card, file) => {
      try {
        return { ok: true, card: await write(await database(), card, file) };
      } catch (error) {
        const isFull = error instanceof DOMException && error.name === 'QuotaExceededError';
        return { ok: false, reason: isFull ? 'quota' : 'denied' };
      }
    },
  };
}

async function write(db: IDBPDatabase<Tables>, card: AdapterCard, file: Blob): Promise<AdapterCard> {
  const transaction = db.transaction(['cards', 'files'], 'readwrite', { durability: 'strict' });
  const cards = await transaction.objectStore('cards').getAll();
  const known = cards.find(({ sha256 }) => sha256 === card.sha256);
  if (known !== undefined) {
    await transaction.done;
    return known;
  }
  const named = { ...card, name: freeName(card.name, new Set(cards.map(({ name }) => name.toLowerCase()))) };
  await Promise.all([
    transaction.objectStore('cards').put(named),
    transaction.objectStore('files').put(file, card.sha256),
    transaction.done,
  ]);
  return named;
}

/** @param taken in lower case */
function freeName(wish: string, taken: ReadonlySet<string>): string {
  let name = wish;
  for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${wish}-${n}`;
  return name;
}
