/**
 * What a person pastes, made safe to tokenize. The limits bound the work of everything after it: one word of
 * a million letters keeps a tokenizer busy for nine seconds.
 */
import type { Notice } from '#core/failure.ts';

export const MAX_PROMPT_CHARACTERS = 10_000;
/** Longest stretch without white space. */
export const MAX_RUN_CHARACTERS = 1000;

/** Only this much is looked at: normalising can shorten a text, but not by more than this in real writing. */
const MAX_READ_CHARACTERS = 4 * MAX_PROMPT_CHARACTERS;

const UNSEEN = /(?!\n)[\p{Cc}\p{Bidi_Control}]/gu;
const LONG_RUN = new RegExp(`(\\S{${MAX_RUN_CHARACTERS}})\\S+`, 'gu');

export interface CleanPrompt {
  text: string;
  /** Present when something a person can see was left out; characters that never show go silently. */
  notice: Notice | null;
}

/**
 * Normalises to NFC, drops control and bidirectional-order characters (line feeds stay, tabs become spaces),
 * and cuts runs without white space and the whole to their limits. Cleaning twice changes nothing.
 * @param given any string, of any length, also with halves of surrogate pairs
 * @param where which prompt it is, for the notice
 */
export function cleanPrompt(given: string, where: 'prompt' | 'negative'): CleanPrompt {
  const read = given
    .slice(0, MAX_READ_CHARACTERS)
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replaceAll('\t', ' ')
    .replace(UNSEEN, '');
  // Before normalising as well as after: reordering n combining marks takes n² time.
  const capped = read.replace(LONG_RUN, '$1');
  const normal = capped.normalize('NFC');
  const recapped = normal.replace(LONG_RUN, '$1');
  const text = cutBefore(recapped, MAX_PROMPT_CHARACTERS);
  const isCut =
    given.length > MAX_READ_CHARACTERS ||
    capped.length < read.length ||
    recapped.length < normal.length ||
    text.length < recapped.length;
  if (!isCut) return { text, notice: null };
  const notice = {
    code: 'prompt-cut',
    where,
    keptCharacters: text.length,
    givenCharacters: given.length,
  } as const;
  return { text, notice };
}

/** The first `length` UTF-16 units, or one fewer where that would halve a surrogate pair. */
function cutBefore(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
