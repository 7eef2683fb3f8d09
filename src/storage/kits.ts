/** Kits that survive a reload, in the database of their adapters. */
import type { Kit } from '#core/kits/kit.ts';
import { adapterDatabase, freeName, readFrom, type StoredKit, whyNotKept } from './adapter-database.ts';
import type { AdapterCard } from './adapters.ts';

export type KeepKitsResult = { ok: true } | { ok: false; reason: 'quota' | 'denied' };

/** An adapter that comes with a kit: checked already. */
export interface ArrivingAdapter {
  card: AdapterCard;
  file: Blob;
}

export interface KitStore {
  /** In the order that the person gave them. */
  list(): Promise<Kit[]>;
  /**
   * Keeps kits, new or changed, together with adapters that are not here yet: all of it or nothing. A name that
   * another adapter has gets a number; the kits call each adapter by the name it is kept under.
   */
  keep(
    kits: readonly Omit<StoredKit, 'id'>[],
    adapters?: readonly ArrivingAdapter[],
  ): Promise<KeepKitsResult>;
  remove(id: string): Promise<void>;
}

export function createKitStore(): KitStore {
  const database = adapterDatabase();
  return {
    list: () =>
      readFrom<Kit[]>(database, [], async (db) =>
        (await db.getAll('kits')).sort((a, b) => a.position - b.position).map(({ kit }) => kit),
      ),
    keep: async (kits, adapters = []) => {
      try {
        const db = await database();
        const transaction = db.transaction(['cards', 'files', 'kits'], 'readwrite', { durability: 'strict' });
        const cards = transaction.objectStore('cards');
        const known = await cards.getAll();
        const names = new Map(known.map(({ sha256, name }) => [sha256, name]));
        const taken = new Set(known.map(({ name }) => name.toLowerCase()));
        const writes: Promise<unknown>[] = [];
        for (const { card, file } of adapters) {
          if (names.has(card.sha256)) continue;
          const name = freeName(card.name, taken);
          taken.add(name.toLowerCase());
          names.set(card.sha256, name);
          writes.push(cards.put({ ...card, name }));
          writes.push(transaction.objectStore('files').put(file, card.sha256));
        }
        const store = transaction.objectStore('kits');
        for (const { kit, position } of kits)
          writes.push(store.put({ id: kit.id, position, kit: renamed(kit, names) }));
        await Promise.all([...writes, transaction.done]);
        return { ok: true };
      } catch (error) {
        return { ok: false, reason: whyNotKept(error) };
      }
    },
    remove: (id) => readFrom(database, undefined, async (db) => db.delete('kits', id)),
  };
}

function renamed(kit: Kit, names: ReadonlyMap<string, string>): Kit {
  const adapters = kit.adapters.map((adapter) => ({
    ...adapter,
    name: names.get(adapter.sha256) ?? adapter.name,
  }));
  return { ...kit, adapters };
}
