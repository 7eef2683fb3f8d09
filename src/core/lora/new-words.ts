/** Words that textual inversions add: where a text says them, and which token ids stand for them. */

/** A word and what stands for it: so many tokens, the first of this id. */
export interface NewWord {
  text: string;
  firstId: number;
  vectors: number;
}

/** Below any vocabulary: the token of the vector with this index. */
export function newTokenId(index: number): number {
  return -1 - index;
}

/** @returns null for a token of the vocabulary */
export function vectorIndex(id: number): number | null {
  return id < 0 ? -1 - id : null;
}

/** Whether a text says a word: in any letters, and not as a part of a longer one. */
export function says(text: string, word: string): boolean {
  return placesOf(text, [word]).length > 0;
}

/** A text with other words in the place of one, wherever it says it. */
export function replaceWord(text: string, word: string, other: string): string {
  let replaced = '';
  let from = 0;
  for (const { at } of placesOf(text, [word])) {
    replaced += text.slice(from, at) + other;
    from = at + word.length;
  }
  return replaced + text.slice(from);
}

/** The encoder of a vocabulary with words added to it. */
export function withNewWords(
  encode: (text: string) => readonly number[],
  words: readonly NewWord[],
): (text: string) => number[] {
  // The longer of two that begin alike is meant.
  const longestFirst = words.toSorted((a, b) => b.text.length - a.text.length);
  return (text) => {
    const ids: number[] = [];
    let from = 0;
    for (const { at, index } of placesOf(
      text,
      longestFirst.map((word) => word.text),
    )) {
      const { text: written, firstId, vectors } = longestFirst[index]!;
      if (at > from) ids.push(...encode(text.slice(from, at)));
      for (let k = 0; k < vectors; k++) ids.push(firstId - k);
      from = at + written.length;
    }
    if (from < text.length || from === 0) ids.push(...encode(text.slice(from)));
    return ids;
  };
}

const WORD_CHARACTER = /[\p{L}\p{N}_]/u;

/** Places in a text, from left to right and not overlapping. @param words the first that fits is taken */
function placesOf(text: string, words: readonly string[]): { at: number; index: number }[] {
  // Letters whose lower case is longer would shift what follows.
  const lower = Array.from(text, (letter) => {
    const small = letter.toLowerCase();
    return small.length === letter.length ? small : letter;
  }).join('');
  const wanted = words.map((word) => word.toLowerCase());
  const places: { at: number; index: number }[] = [];
  for (let at = 0; at < lower.length; at++) {
    const index = wanted.findIndex(
      (word) => word !== '' && lower.startsWith(word, at) && isApart(lower, at, word),
    );
    if (index === -1) continue;
    places.push({ at, index });
    at += wanted[index]!.length - 1;
  }
  return places;
}

/** A letter beside a letter makes another word; beside a bracket of the word's own it does not. */
function isApart(text: string, at: number, word: string): boolean {
  return !joins(text[at - 1], word[0]) && !joins(word.at(-1), text[at + word.length]);
}

function joins(outer: string | undefined, inner: string | undefined): boolean {
  if (outer === undefined || inner === undefined) return false;
  return WORD_CHARACTER.test(outer) && WORD_CHARACTER.test(inner);
}
