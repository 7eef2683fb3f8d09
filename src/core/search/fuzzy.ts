/** Finding by a few letters: every letter of the query in order, better where they begin words or stand together. */

const BEGINS_WORD = 8;
const FOLLOWS = 5;
const FOUND = 1;
/** What the title's own beginning is worth on top. */
const BEGINS_TITLE = 6;
const MAX_CHARACTERS = 200;

/**
 * @returns null when a word of the query is not in the text; otherwise more is better, and 0 for an empty query
 */
export function fuzzyScore(query: string, text: string): number | null {
  const target = plain(text);
  let score = 0;
  for (const word of plain(query).split(' ')) {
    if (word === '') continue;
    const whole = target.indexOf(word);
    const own = whole === -1 ? scattered(word, target) : together(word, target, whole);
    if (own === null) return null;
    score += own;
  }
  // Of two that match alike the shorter one is meant.
  return score === 0 ? 0 : score - target.length / (10 * MAX_CHARACTERS);
}

/** Best first; equals keep their order. */
export function rank<T>(query: string, items: readonly T[], textOf: (item: T) => string, limit: number): T[] {
  return items
    .flatMap((item) => {
      const score = fuzzyScore(query, textOf(item));
      return score === null ? [] : [{ item, score }];
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ item }) => item);
}

function together(word: string, text: string, at: number): number {
  let best = at;
  for (let next = at; next !== -1; next = text.indexOf(word, next + 1)) {
    if (beginsWord(text, next)) {
      best = next;
      break;
    }
  }
  const begin = beginsWord(text, best) ? BEGINS_WORD + (best === 0 ? BEGINS_TITLE : 0) : FOUND;
  return begin + FOLLOWS * (word.length - 1);
}

/** Letters apart, such as the first ones of words. A word of which most letters lie anywhere is not meant. */
function scattered(word: string, text: string): number | null {
  let score = 0;
  let at = -1;
  let begins = 0;
  for (const letter of word) {
    let next = text.indexOf(letter, at + 1);
    if (next === -1) return null;
    const isNext = next === at + 1 && at !== -1;
    if (!isNext) {
      // A word's beginning further on is a likelier meaning than the next such letter.
      for (let other = next; other !== -1; other = text.indexOf(letter, other + 1)) {
        if (beginsWord(text, other)) {
          next = other;
          break;
        }
      }
    }
    const begin = beginsWord(text, next);
    if (begin || isNext) begins++;
    score += begin ? BEGINS_WORD : next === at + 1 ? FOLLOWS : FOUND;
    at = next;
  }
  return begins * 2 >= word.length ? score / 2 : null;
}

function beginsWord(text: string, at: number): boolean {
  return at === 0 || text[at - 1] === ' ';
}

function plain(text: string): string {
  return text
    .slice(0, MAX_CHARACTERS)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
