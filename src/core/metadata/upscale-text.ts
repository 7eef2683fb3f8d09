/** What an upscaled picture says of itself: all that its source said, and that it was enlarged. */
import { formatInfotext, parseInfotext } from './infotext.ts';
import { INFOTEXT_KEYWORD } from './picture-text.ts';
import type { PngText } from './png-text.ts';
import { XMP_KEYWORD } from './xmp.ts';

export interface Upscale {
  /** The result is this many times as wide and high. */
  factor: number;
  upscaler: string;
}

const FACTOR = 'Hires upscale';
const NAME = 'Hires upscaler';

/**
 * The source's texts for the result. `Size` stays the size that was drawn, as the field has it beside `Hires upscale`;
 * a picture without the field's text gets none, because two pairs alone would be read as a prompt.
 */
export function upscaledTexts(entries: readonly PngText[], upscale: Upscale): PngText[] {
  return entries.map((entry) => {
    if (entry.keyword === INFOTEXT_KEYWORD) return { ...entry, text: upscaledInfotext(entry.text, upscale) };
    return entry.keyword === XMP_KEYWORD ? { ...entry, international: true } : entry;
  });
}

/** Adds the field's keys, or multiplies the factor of a picture that was enlarged before. Unreadable text stays. */
export function upscaledInfotext(text: string, { factor, upscaler }: Upscale): string {
  const parsed = parseInfotext(text);
  if (!parsed.ok || parsed.infotext.fields.size === 0) return text;
  const { fields } = parsed.infotext;
  const before = Number(fields.get(FACTOR) ?? 1);
  const total = Number.isFinite(before) && before > 0 ? before * factor : factor;
  const enlarged = new Map(fields).set(FACTOR, `${total}`).set(NAME, upscaler);
  try {
    return formatInfotext({ ...parsed.infotext, fields: enlarged });
  } catch {
    // Another tool's key that cannot be written again.
    return text;
  }
}
