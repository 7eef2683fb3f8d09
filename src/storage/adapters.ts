/**
 * Adapters that survive a reload, named by the sha256 of their file. Cards lie apart from the files, so that listing
 * many reads none of them; one transaction writes both.
 */
import type { AdapterSummary } from '#core/lora/summary.ts';
import { type AdapterDatabase, adapterDatabase, freeName, readFrom, whyNotKept } from './adapter-database.ts';

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

export function createAdapterStore(): AdapterStore {
  const database = adapterDatabase();
  const read = <T>(none: T, ask: (db: AdapterDatabase) => Promise<T>) => readFrom(database, none, ask);
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
        return { ok: false, reason: whyNotKept(error) };
      }
    },
  };
}

async function write(db: AdapterDatabase, card: AdapterCard, file: Blob): Promise<AdapterCard> {
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
