/** Styles, lists and earlier prompts: small texts of a person that survive a reload, each kind written whole. */
import { createStore, get, set, type UseStore } from 'idb-keyval';
import * as v from 'valibot';
import { MAX_STYLE_NAME, MAX_STYLES_ON } from '#core/pipeline/request.ts';
import { MAX_STYLE_CHARACTERS, MAX_STYLES } from '#core/prompt/styles.ts';
import { MAX_LIST_CHARACTERS, MAX_LIST_NAME, MAX_LISTS } from '#core/prompt/word-list.ts';

const DATABASE = 'kiln-words';
export const MAX_EARLIER = 500;
export const MAX_EARLIER_CHARACTERS = 20_000;

const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const names = v.pipe(v.array(text(MAX_STYLE_NAME)), v.maxLength(MAX_STYLES_ON), v.readonly());

/** What is read is never trusted: one row that is not what it should be is left out. */
const ROWS = {
  styles: v.object({
    name: text(MAX_STYLE_NAME),
    prompt: text(MAX_STYLE_CHARACTERS),
    negativePrompt: text(MAX_STYLE_CHARACTERS),
  }),
  lists: v.object({ name: text(MAX_LIST_NAME), text: text(MAX_LIST_CHARACTERS) }),
  earlier: v.object({
    prompt: text(MAX_EARLIER_CHARACTERS),
    negativePrompt: text(MAX_EARLIER_CHARACTERS),
    styles: names,
    /** Milliseconds since 1970. */
    usedAt: v.number(),
  }),
};
const LIMITS = { styles: MAX_STYLES, lists: MAX_LISTS, earlier: MAX_EARLIER };

export type WordsKind = keyof typeof ROWS;
export type Words = { [K in WordsKind]: v.InferOutput<(typeof ROWS)[K]>[] };
export type EarlierPrompt = Words['earlier'][number];

export interface WordStore {
  read<K extends WordsKind>(kind: K): Promise<Words[K]>;
  /** @returns whether it survives this page */
  write<K extends WordsKind>(kind: K, rows: Words[K]): Promise<boolean>;
}

export function openWords(): WordStore {
  // Opened when it is first used: a browser that denies it must not stop the page.
  let store: UseStore | null = null;
  const database = () => (store ??= createStore(DATABASE, 'words'));
  return {
    read: async (kind) => {
      try {
        return checked(kind, await get(kind, database()));
      } catch {
        return [];
      }
    },
    write: async (kind, rows) => {
      try {
        await set(kind, rows, database());
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** Lasts as long as the page. */
export function openMemoryWords(): WordStore {
  const kept = new Map<WordsKind, unknown>();
  return {
    read: async (kind) => checked(kind, kept.get(kind)),
    write: async (kind, rows) => {
      kept.set(kind, rows);
      return true;
    },
  };
}

function checked<K extends WordsKind>(kind: K, value: unknown): Words[K] {
  if (!Array.isArray(value)) return [];
  const rows = value.slice(0, LIMITS[kind]).flatMap((row) => {
    const parsed = v.safeParse(ROWS[kind], row);
    return parsed.success ? [parsed.output] : [];
  });
  return rows as Words[K];
}
