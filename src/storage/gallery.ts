/**
 * Finished pictures that survive a reload. Files and thumbnails lie apart from the cards, so that listing a large
 * gallery reads words only. One transaction writes all three: a picture is kept whole or not at all.
 */
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { openTables } from './open-tables.ts';

const DATABASE = 'kiln-gallery';
/** 2: thumbnails lie apart from the cards, and there are boards. */
const VERSION = 2;

/** What is remembered of a picture beside its file. Times in milliseconds, `createdAt` since 1970. */
export interface PictureCard {
  id: string;
  /** Counts the pictures of this browser from 1, deleted ones too: it begins the file's name. */
  number: number;
  createdAt: number;
  widthPx: number;
  heightPx: number;
  seed: number;
  /** Of an imported picture only as far as it could be read: see `imported`. */
  request: GenerateRequest;
  parameters: string;
  elapsedMs: number;
  device: 'webgpu' | 'cpu';
  thumbnail: Blob;
  /** Of the file; absent on pictures of earlier versions of the studio. */
  sha256?: string;
  /** Of file and thumbnail together. */
  sizeBytes?: number;
  isStarred?: boolean;
  /** Ids of boards. */
  boards?: string[];
  /** What it shows, in words: `isAutomatic` until a person has written it. */
  alt?: { text: string; isAutomatic: boolean };
  /** How well picture and prompt agree, as the captioner judges it. */
  fit?: number;
  /** The cosine of their contrastive vectors, which the captioner compares without reading both at once. */
  similarity?: number;
  /** What the safety check's list scored, whatever the thresholds are now. */
  concepts?: { id: string; name: string; score: number; threshold: number; word: string }[];
  imported?: Imported;
}

/** Where a picture came from that was not made here. */
export interface Imported {
  fileName: string;
  /** What wrote it, as far as its words tell. */
  tool: string | null;
  model: string | null;
  /** The settings that could be read. */
  recalled: Partial<GenerateRequest>;
}

/** A card without its picture: 10,000 of them fit into memory. */
export type StoredCard = Omit<PictureCard, 'thumbnail'>;

/** What may change after a picture was made. */
export type CardChange = Partial<
  Pick<StoredCard, 'isStarred' | 'boards' | 'alt' | 'fit' | 'similarity' | 'concepts'>
>;

export interface Board {
  id: string;
  name: string;
  createdAt: number;
}

/** How an add ended: on the disk, or only in this page's memory and why. */
export type Kept = { durable: true } | { durable: false; reason: 'quota' | 'denied' };

export interface Gallery {
  /** False when nothing here survives a reload. */
  readonly durable: boolean;
  /** True when this browser kept pictures before and its database came back empty. */
  readonly lost: boolean;
  /** A picture of the same id is replaced. */
  add(card: PictureCard, png: Blob): Promise<Kept>;
  /** Newest first, at most `limit`, all older than `before`. */
  list(page: { before: number; limit: number }): Promise<PictureCard[]>;
  /** In the order of their ids, at most `limit`, all beyond `after`; an empty page is the end. */
  scan(page: { after: string; limit: number }): Promise<StoredCard[]>;
  card(id: string): Promise<PictureCard | null>;
  /** The picture's file: a PNG, or what was imported. */
  png(id: string): Promise<Blob | null>;
  thumbnail(id: string): Promise<Blob | null>;
  /** Of these pictures, those that are here. */
  have(ids: readonly string[]): Promise<Set<string>>;
  /** The id of the picture whose file has this hash. */
  findFile(sha256: string): Promise<string | null>;
  /** Changes cards, all or none. @returns those that are here, as they are now */
  change(ids: readonly string[], how: (card: StoredCard) => CardChange): Promise<StoredCard[]>;
  remove(id: string): Promise<void>;
  removeAll(ids: readonly string[]): Promise<void>;
  /** In the order in which they were made. */
  boards(): Promise<Board[]>;
  putBoard(board: Board): Promise<void>;
  /** Its pictures stay. */
  removeBoard(id: string): Promise<void>;
}

interface Tables extends DBSchema {
  cards: { key: string; value: StoredCard; indexes: { createdAt: number; sha256: string } };
  thumbnails: { key: string; value: Blob };
  pngs: { key: string; value: Blob };
  boards: { key: string; value: Board };
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
    // A large gallery takes its time to be brought to this version, and is not given up meanwhile.
    return await Promise.race([openDatabaseGallery(() => clearTimeout(timer)), tooLate]);
  } catch {
    return openMemoryGallery();
  } finally {
    clearTimeout(timer);
  }
}

async function openDatabaseGallery(onUpgrade: () => void): Promise<Gallery> {
  let isNew = false;
  const db = await openTables<Tables>(DATABASE, VERSION, {
    async upgrade(database, oldVersion, _newVersion, transaction) {
      onUpgrade();
      isNew = oldVersion === 0;
      if (oldVersion < 1) {
        database.createObjectStore('cards', { keyPath: 'id' }).createIndex('createdAt', 'createdAt');
        database.createObjectStore('pngs');
      }
      if (oldVersion < 2) {
        database.createObjectStore('thumbnails');
        database.createObjectStore('boards', { keyPath: 'id' });
        transaction.objectStore('cards').createIndex('sha256', 'sha256');
        if (oldVersion === 1) await moveThumbnails(transaction);
      }
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
    scan: async ({ after, limit }) => {
      const range = IDBKeyRange.lowerBound(after, true);
      const cards = await db.getAll('cards', range, limit);
      cards.push(...(await overflow.scan({ after, limit })));
      return cards.sort(byId).slice(0, limit);
    },
    card: async (id) => {
      const [card, thumbnail] = await Promise.all([db.get('cards', id), db.get('thumbnails', id)]);
      return card === undefined ? overflow.card(id) : { ...card, thumbnail: thumbnail ?? EMPTY };
    },
    png: async (id) => (await db.get('pngs', id)) ?? overflow.png(id),
    thumbnail: async (id) => (await db.get('thumbnails', id)) ?? overflow.thumbnail(id),
    have: async (ids) => {
      const found = await overflow.have(ids);
      const { store } = db.transaction('cards');
      const keys = await Promise.all(ids.map((id) => store.getKey(id)));
      for (const key of keys) if (key !== undefined) found.add(key);
      return found;
    },
    findFile: async (sha256) =>
      (await db.getKeyFromIndex('cards', 'sha256', sha256)) ?? overflow.findFile(sha256),
    change: async (ids, how) => {
      const changed = await overflow.change(ids, how);
      const transaction = db.transaction('cards', 'readwrite');
      for (const id of ids) {
        const card = await transaction.store.get(id);
        if (card === undefined) continue;
        const next = { ...card, ...how(card) };
        await transaction.store.put(next);
        changed.push(next);
      }
      await transaction.done;
      return changed;
    },
    remove: (id) => removeBoth(db, overflow, [id]),
    removeAll: (ids) => removeBoth(db, overflow, ids),
    boards: async () => (await db.getAll('boards')).sort((a, b) => a.createdAt - b.createdAt),
    putBoard: async (board) => void (await db.put('boards', board)),
    removeBoard: (id) => db.delete('boards', id),
  };
}

/** Stands in for a thumbnail that the database has lost: the picture itself is not. */
const EMPTY = new Blob([]);

type Card1 = StoredCard & { thumbnail?: Blob };

/** From version 1, where each card held its thumbnail. All of it happens, or the database stays as it was. */
async function moveThumbnails(
  transaction: IDBPTransaction<Tables, StoreNames<Tables>[], 'versionchange'>,
): Promise<void> {
  const [cards, thumbnails, pngs] = [
    transaction.objectStore('cards'),
    transaction.objectStore('thumbnails'),
    transaction.objectStore('pngs'),
  ];
  for (let cursor = await cards.openCursor(); cursor; cursor = await cursor.continue()) {
    const { thumbnail, ...card }: Card1 = cursor.value;
    const png = await pngs.get(card.id);
    if (thumbnail !== undefined) await thumbnails.put(thumbnail, card.id);
    await cursor.update({ ...card, sizeBytes: (png?.size ?? 0) + (thumbnail?.size ?? 0) });
  }
}

async function removeBoth(
  db: IDBPDatabase<Tables>,
  overflow: Gallery,
  ids: readonly string[],
): Promise<void> {
  await overflow.removeAll(ids);
  const transaction = db.transaction(['cards', 'thumbnails', 'pngs'], 'readwrite');
  await Promise.all([
    ...ids.flatMap((id) => [
      transaction.objectStore('cards').delete(id),
      transaction.objectStore('thumbnails').delete(id),
      transaction.objectStore('pngs').delete(id),
    ]),
    transaction.done,
  ]);
}

async function addDurably(
  db: IDBPDatabase<Tables>,
  overflow: Gallery,
  card: PictureCard,
  png: Blob,
): Promise<Kept> {
  const { thumbnail, ...stored } = card;
  try {
    const transaction = db.transaction(['cards', 'thumbnails', 'pngs'], 'readwrite', {
      durability: 'strict',
    });
    await Promise.all([
      transaction.objectStore('cards').put(stored),
      transaction.objectStore('thumbnails').put(thumbnail, card.id),
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
  const transaction = db.transaction(['cards', 'thumbnails']);
  const thumbnails = transaction.objectStore('thumbnails');
  const index = transaction.objectStore('cards').index('createdAt');
  let cursor = await index.openCursor(IDBKeyRange.upperBound(page.before, true), 'prev');
  for (let kept = 0; cursor && kept < page.limit; kept++) {
    const card = cursor.value;
    cards.push({ ...card, thumbnail: (await thumbnails.get(card.id)) ?? EMPTY });
    cursor = await cursor.continue();
  }
  return cards.sort((a, b) => b.createdAt - a.createdAt).slice(0, page.limit);
}

function withoutThumbnail(card: PictureCard): StoredCard {
  const { thumbnail: _, ...stored } = card;
  return stored;
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1;
}

export function openMemoryGallery(): Gallery {
  const kept = new Map<string, { card: PictureCard; png: Blob }>();
  const boards = new Map<string, Board>();
  const cards = () => [...kept.values()].map((entry) => entry.card);
  return {
    durable: false,
    lost: false,
    add: async (card, png) => {
      kept.set(card.id, { card, png });
      return { durable: false, reason: 'denied' };
    },
    list: async ({ before, limit }) =>
      cards()
        .filter((card) => card.createdAt < before)
        .sort((a, b) => b.createdAt - a.createdAt)
        .slice(0, limit),
    scan: async ({ after, limit }) =>
      cards()
        .filter((card) => card.id > after)
        .sort(byId)
        .slice(0, limit)
        .map(withoutThumbnail),
    card: async (id) => kept.get(id)?.card ?? null,
    png: async (id) => kept.get(id)?.png ?? null,
    thumbnail: async (id) => kept.get(id)?.card.thumbnail ?? null,
    have: async (ids) => new Set(ids.filter((id) => kept.has(id))),
    findFile: async (sha256) => cards().find((card) => card.sha256 === sha256)?.id ?? null,
    change: async (ids, how) =>
      ids.flatMap((id) => {
        const entry = kept.get(id);
        if (entry === undefined) return [];
        const card = { ...entry.card, ...how(entry.card) };
        kept.set(id, { ...entry, card });
        return [card];
      }),
    remove: async (id) => void kept.delete(id),
    removeAll: async (ids) => {
      for (const id of ids) kept.delete(id);
    },
    boards: async () => [...boards.values()].sort((a, b) => a.createdAt - b.createdAt),
    putBoard: async (board) => void boards.set(board.id, board),
    removeBoard: async (id) => void boards.delete(id),
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
