/** A list that `__name__` takes a line of. */
export interface WordList {
  /** As the prompt writes it between the underscores. */
  readonly name: string;
  /** One choice a line; lines that begin with # are remarks. */
  readonly text: string;
}

export const MAX_LISTS = 500;
export const MAX_LIST_NAME = 100;
export const MAX_LIST_CHARACTERS = 1_000_000;

/** The name that a prompt can write, from a file's name or from what somebody typed; empty where nothing is left. */
export function listName(given: string): string {
  return given
    .replace(/\.(txt|yaml)$/i, '')
    .normalize('NFC')
    .replace(/[^\p{L}\p{N} _./-]+/gu, '-')
    .replace(/_{2,}/g, '_')
    .slice(0, MAX_LIST_NAME)
    .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
}

export function linesOf(text: string): string[] {
  return text
    .split(/\r\n?|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Looks lists up by name, capitals or not, and remembers their lines. */
export function listLookup(lists: readonly WordList[]): (name: string) => readonly string[] | null {
  const texts = new Map(lists.map(({ name, text }) => [name.toLowerCase(), text]));
  const known = new Map<string, readonly string[]>();
  return (name) => {
    const key = name.toLowerCase();
    const text = texts.get(key);
    if (text === undefined) return null;
    const lines = known.get(key) ?? linesOf(text);
    known.set(key, lines);
    return lines;
  };
}
