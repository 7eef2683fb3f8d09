/** Finding pictures again by their words. Pure: 10,000 entries are filtered while one types. */

/** What is known of a picture in memory: enough to find, to sort and to draw its tile. */
export interface GalleryEntry {
  id: string;
  number: number;
  createdAt: number;
  widthPx: number;
  heightPx: number;
  seed: number;
  prompt: string;
  /** What it shows, in words; empty where nobody has said so yet. */
  alt: string;
  /** Prompt, caption and file name in lower case: what is searched. */
  text: string;
  /** As people know it: an id of ours, or the name another tool gave it. */
  model: string;
  adapters: readonly string[];
  kit: string | null;
  isStarred: boolean;
  boards: readonly string[];
  sizeBytes: number;
  isImported: boolean;
}

export interface GalleryQuery {
  /** All of them must be in the text; a number may also be the seed. */
  words: string;
  model: string | null;
  adapter: string | null;
  kit: string | null;
  /** An id. */
  board: string | null;
  isStarred: boolean;
  /** Milliseconds since 1970; `until` is not in it. */
  from: number | null;
  until: number | null;
}

export const WHOLE_GALLERY: GalleryQuery = {
  words: '',
  model: null,
  adapter: null,
  kit: null,
  board: null,
  isStarred: false,
  from: null,
  until: null,
};

/** Longer searches are no words that somebody typed. */
const MAX_WORDS = 32;

/** @param words of at most any length: of a pasted book the beginning counts */
export function findEntries<Entry extends GalleryEntry>(
  entries: readonly Entry[],
  query: GalleryQuery,
): readonly Entry[] {
  const words = splitWords(query.words);
  const { model, adapter, kit, board, isStarred, from, until } = query;
  return entries.filter(
    (entry) =>
      (model === null || entry.model === model) &&
      (adapter === null || entry.adapters.includes(adapter)) &&
      (kit === null || entry.kit === kit) &&
      (board === null || entry.boards.includes(board)) &&
      (!isStarred || entry.isStarred) &&
      (from === null || entry.createdAt >= from) &&
      (until === null || entry.createdAt < until) &&
      words.every((word) => entry.text.includes(word) || isSeed(word, entry)),
  );
}

export function isWhole(query: GalleryQuery): boolean {
  return (
    query.words.trim() === '' &&
    !query.isStarred &&
    [query.model, query.adapter, query.kit, query.board, query.from, query.until].every(
      (value) => value === null,
    )
  );
}

/** What may be chosen from, in the alphabet's order. */
export function choicesOf(entries: readonly GalleryEntry[]): {
  models: string[];
  adapters: string[];
  kits: string[];
} {
  const models = new Set<string>();
  const adapters = new Set<string>();
  const kits = new Set<string>();
  for (const entry of entries) {
    if (entry.model !== '') models.add(entry.model);
    for (const name of entry.adapters) adapters.add(name);
    if (entry.kit !== null) kits.add(entry.kit);
  }
  return { models: sorted(models), adapters: sorted(adapters), kits: sorted(kits) };
}

function sorted(names: ReadonlySet<string>): string[] {
  return [...names].sort((a, b) => a.localeCompare(b));
}

export interface Usage {
  sizeBytes: number;
  /** Those that nobody marked: no star, no board. */
  unmarked: { count: number; sizeBytes: number };
}

export function usageOf(entries: readonly GalleryEntry[]): Usage {
  const usage = { sizeBytes: 0, unmarked: { count: 0, sizeBytes: 0 } };
  for (const entry of entries) {
    usage.sizeBytes += entry.sizeBytes;
    if (!isUnmarked(entry)) continue;
    usage.unmarked.count += 1;
    usage.unmarked.sizeBytes += entry.sizeBytes;
  }
  return usage;
}

export function isUnmarked({ isStarred, boards }: GalleryEntry): boolean {
  return !isStarred && boards.length === 0;
}

function splitWords(text: string): string[] {
  return text
    .slice(0, 1000)
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, MAX_WORDS);
}

function isSeed(word: string, { seed }: GalleryEntry): boolean {
  return /^(seed:)?\d+$/.test(word) && Number(word.replace('seed:', '')) === seed;
}
