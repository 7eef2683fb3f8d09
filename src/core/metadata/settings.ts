/** From the texts of a picture to what it was made with, whichever tool wrote them. */
import type { Found } from './found.ts';
import { INFOTEXT_KEYWORD } from './picture-text.ts';
import type { PngText } from './png-text.ts';
import { COMFY_KEYWORDS, readComfy } from './tools/comfyui.ts';
import { readDrawThings } from './tools/draw-things.ts';
import { readFooocus } from './tools/fooocus.ts';
import { readInfotext } from './tools/infotext-tools.ts';
import { INVOKE_KEYWORDS, readInvoke } from './tools/invokeai.ts';

export interface ReadSettings {
  found: Found | null;
  /** The text that it was read from, as it stands. */
  text: string;
  /** Texts that should have held settings and did not, each with its reason. */
  refused: { key: string; value: string }[];
}

/** @param entries as of `readPictureFile` */
export function readSettings(entries: readonly PngText[]): ReadSettings {
  const refused: ReadSettings['refused'] = [];
  for (const { keyword, text } of entries.filter((entry) => entry.keyword === INFOTEXT_KEYWORD)) {
    const own = text.trimStart().startsWith('{') ? (readFooocus(text) ?? readDrawThings(text)) : null;
    if (own !== null) return { found: own, text, refused };
    const read = readInfotext(text);
    if (read.ok) return { found: read.found, text, refused };
    refused.push({ key: keyword, value: read.reason });
  }
  for (const { keyword, text } of entries) {
    const found = INVOKE_KEYWORDS.includes(keyword) ? readInvoke(text) : null;
    if (found !== null) return { found, text, refused };
  }
  for (const wanted of COMFY_KEYWORDS) {
    for (const { text } of entries.filter(({ keyword }) => keyword.toLowerCase() === wanted)) {
      const found = readComfy(wanted, text);
      if (found !== null) return { found, text, refused };
      refused.push({ key: wanted, value: 'no sampler was found in it' });
    }
  }
  // A description is settings only where it has the line of pairs.
  for (const { keyword, text } of entries) {
    if (!DESCRIPTIONS.has(keyword.toLowerCase())) continue;
    const read = readInfotext(text);
    if (read.ok && read.found.fields.size > 0) return { found: read.found, text, refused };
  }
  return { found: null, text: '', refused };
}

const DESCRIPTIONS = new Set(['comment', 'description', 'image-description']);
