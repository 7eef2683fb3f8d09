/** Names of files that every system takes. */
import { extractTags } from '#core/prompt/tags.ts';

/** Of UTF-8, extension included: leaves room below the 143 of encrypted home folders for a browser's ` (1)`. */
export const MAX_NAME_BYTES = 120;

const FORBIDDEN = /[<>:"/\\|?*\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=$|[. ])/i;

/**
 * `00001-965400086-a_red_fox.png`: number, seed and the prompt's words, as the field names pictures.
 * @param number from 1, written with at least five digits
 */
export function pictureFileName({
  number,
  seed,
  prompt,
}: {
  number: number;
  seed: number;
  prompt: string;
}): string {
  const words = extractTags(prompt)
    .text.normalize('NFC')
    // Emphasis and lists are punctuation, not words.
    .replace(/[()[\]{},]/g, ' ')
    .replace(FORBIDDEN, ' ')
    .trim()
    .replace(/\s+/g, '_');
  const start = `${String(number).padStart(5, '0')}-${seed}`;
  return safeFileName(words === '' ? start : `${start}-${words}`, 'png');
}

/**
 * Takes out what some system forbids, keeps clear of Windows' device names, and cuts to `MAX_NAME_BYTES` between
 * characters as people see them.
 * @param name any string, without extension
 * @param extension without its dot
 */
export function safeFileName(name: string, extension: string): string {
  const stripped = trimEnds(name.toWellFormed().replace(FORBIDDEN, ''));
  const free = RESERVED.test(stripped) ? `_${stripped}` : stripped;
  const cut = trimEnds(cutToBytes(free, MAX_NAME_BYTES - 1 - byteLength(extension)));
  return `${cut === '' ? '_' : cut}.${extension}`;
}

/** A leading dot hides a file, a trailing dot or space is lost on Windows. */
function trimEnds(name: string): string {
  return name.replace(/^[\s.]+/, '').replace(/[\s._-]+$/, '');
}

function cutToBytes(text: string, maxBytes: number): string {
  let cut = '';
  let bytes = 0;
  // No name needs more than this; segmenting a whole book would take its time.
  const start = text.slice(0, 4 * maxBytes);
  for (const { segment } of GRAPHEMES.segment(start)) {
    bytes += byteLength(segment);
    if (bytes > maxBytes) break;
    cut += segment;
  }
  return cut;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
