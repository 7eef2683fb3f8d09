/**
 * Finished pictures that survive a reload. The PNGs lie apart from the cards, so that listing a large gallery
 * reads thumbnails only. One transaction writes both: a picture is kept whole or not at all.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { GenerateRequest } from '#core/pipeline/request.ts';

const DATABASE = 'kiln-gallery';
const VERSION = 1;

/** What a film strip needs to know of a picture. Times in milliseconds, `createdAt` since 1970. */
export interface PictureCard {
  id: string;
  /** Counts the pictures of this browser from 1, deleted ones too: it begins the file's name. */
  number: number;
  createdAt: number;
  widthPx: number;
  heightPx: number;
  seed: number;
  request: GenerateRequest;
  parameters: string;
  elapsedMs: number;
  device: 'webgpu' | 'cpu';
  thumbnail: Blob;
}

/** How an add ended: on the disk, or only in this page's memory and why. */
export type Kept = { durable: true } | { durable: false; reason: 'quota' | 'denied' };

export interface Gallery {
  /** False when nothing here survives a reload. */
  readonly durable: boolean;
  /** True when this browser kept pictures before and its database came back empty. */
  readonly lost: boolean;
  add(card: PictureCard, png: Blob): Promise<Kept>;
  /** Newest first, at most `limit`, all older than `before`. */
  list(page: { before: number; limit: number }): Promise<PictureCard[]>;
  png(id: string): Promise<Blob | null>;
  remove(id: string): Promise<void>;
}

interface Tables extends DBSchema {
  cards: { key: string; value: PictureCard; indexes: { createdAt: number } };
  pngs: { key: string; value: Blob };
}

/** A database that does not open by then never does: a broken profile, or a tab that will not let go. */
const OPEN_WITHIN_MS = 4_000;

/** Opens the database; where the browser denies it, a gallery in memory with the same verbs. */
export async function openGallery(): Promise<Gallery> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<Gallery>((resolve) => {
    timer = setTimeout(() => resolve(openMemoryGallery()), OPEN_WITHIN_MS);
  });
  try {
    return await Promise.race([openDatabaseGallery(), tooLate]);
  } catch {
    return openMemoryGallery();
  } finally {
    clearTimeout(timer);
  }
}

async function openDatabaseGallery(): Promise<Gallery> {
  let isNew = false;
  const db = await openDB<Tables>(DATABASE, VERSION, {
    upgrade(database, oldVersion) {
      isNew = oldVersion === 0;
      database.createObjectStore('cards', { keyPath: 'id' }).createIndex('createdAt', 'createdAt');
      database.createObjectStore('pngs');
    },
    // Another tab holds a newer version back: let go of ours, the next call reopens on reload.
    blocking: () => db.close(),
  });
  const lost = isNew && sentinel.isSet();
  const overflow = openMemoryGallery();
  return {
    durable: true,
    lost,
    add: (card, png) => addDurably(db, overflow, card, png),
    list: (page) => listBoth(db, overflow, page),
    png: async (id) => (await db.get('pngs', id)) ?? overflow.png(id),
    remove: async (id) => {
      await overflow.remove(id);
      const transaction = db.transaction(['cards', 'pngs'], 'readwrite');
      await Promise.all([
        transaction.objectStore('cards').delete(id),
        transaction.objectStore('pngs').delete(id),
        transaction.done,
      ]);
    },
  };
}

async function addDurably(
  db: IDBPDatabase<Tables>,
  overflow: Gallery,
  card: PictureCard,
  png: Blob,
): Promise<Kept> {
  try {
    const transaction = db.transaction(['cards', 'pngs'], 'readwrite', { durability: 'strict' });
    await Promise.all([
      transaction.objectStore('cards').put(card),
      transaction.objectStore('pngs').put(png, card.id),
      transaction.done,
    ]);
    if (!sentinel.isSet()) askToPersist();
    sentinel.set();
    return { durable: true };
  } catch (error) {
    await overflow.add(card, png);
    const isFull = error instanceof DOMException && error.name === 'QuotaExceededError';
    return { durable: false, reason: isFull ? 'quota' : 'denied' };
  }
}

/** Asks the browser, with the first picture, not to clear this gallery when it needs room. A no changes nothing. */
function askToPersist(): void {
  navigator.storage?.persist?.().catch(() => undefined);
}

async function listBoth(
  db: IDBPDatabase<Tables>,
  overflow: Gallery,
  page: { before: number; limit: number },
): Promise<PictureCard[]> {
  const cards = await overflow.list(page);
  const index = db.transaction('cards').store.index('createdAt');
  let cursor = await index.openCursor(IDBKeyRange.upperBound(page.before, true), 'prev');
  for (let kept = 0; cursor && kept < page.limit; kept++) {
    cards.push(cursor.value);
    cursor = await cursor.continue();
  }
  return cards.sort((a, b) => b.createdAt - a.createdAt).slice(0, page.limit);
}

export function openMemoryGallery(): Gallery {
  const kept = new Map<string, { card: PictureCard; png: Blob }>();
  return {
    durable: false,
    lost: false,
    add: async (card, png) => {
      kept.set(card.id, { card, png });
      return { durable: false, reason: 'denied' };
    },
    list: async ({ before, limit }) =>
      [...kept.values()]
        .map((entry) => entry.card)
        .filter((card) => card.createdAt < before)
        .sort((a, b) => b.createdAt - a.createdAt)
        .slice(0, limit),
    png: async (id) => kept.get(id)?.png ?? null,
    remove: async (id) => void kept.delete(id),
  };
}

/** A damaged database opens empty and without an error, so the fact that there was one is noted outside it. */
const sentinel = {
  key: 'kiln.gallery-begun',
  isSet(): boolean {
    try {
      return globalThis.localStorage.getItem(this.key) !== null;
    } catch {
      return false;
    }
  },
  set(): void {
    try {
      globalThis.localStorage.setItem(this.key, '1');
    } catch {
      // Without the note only the warning is lost.
    }
  },
};
