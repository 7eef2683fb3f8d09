/** What a picture file says in words, whichever of the three kinds it is, before any of it is decoded. */
import { type ExifText, readExif } from './exif.ts';
import { readJpeg, type TextBlocks } from './jpeg.ts';
import { INFOTEXT_KEYWORD } from './picture-text.ts';
import { type Inflate, type PngText, type PngTexts, readTexts } from './png-text.ts';
import { PNG_SIGNATURE, type PngResult, readHeader } from './png.ts';
import { readWebp } from './webp.ts';
import { textsOfXmp, XMP_KEYWORD } from './xmp.ts';

export interface PictureFile extends PngTexts {
  kind: 'png' | 'jpeg' | 'webp';
  widthPx: number;
  heightPx: number;
}

/** Of a file that is read at all. */
export const MAX_PICTURE_BYTES = 64 * 2 ** 20;
/** Of a picture that is decoded to be shown: beyond it a small file can take all memory. */
export const MAX_PICTURE_SIDE_PX = 8192;
export const MAX_PICTURE_PIXELS = 40_000_000;
const MAX_XMP_BYTES = 1_048_576;

/**
 * @returns not ok, with a clause that says why, for a file that is none of the three kinds or is damaged.
 * Texts come under the keywords that a PNG of the same tool has
 */
export async function readPictureFile(file: Uint8Array, inflate: Inflate): Promise<PngResult<PictureFile>> {
  if (PNG_SIGNATURE.every((byte, i) => file[i] === byte)) {
    const header = readHeader(file);
    const texts = header.ok ? await readTexts(file, inflate) : header;
    if (!header.ok || !texts.ok) return header.ok ? (texts as { ok: false; reason: string }) : header;
    const { widthPx, heightPx } = header.value;
    const { entries, skipped } = texts.value;
    return {
      ok: true,
      value: { kind: 'png', widthPx, heightPx, entries: entries.flatMap(unfoldXmp), skipped },
    };
  }
  const isJpeg = file[0] === 0xff && file[1] === 0xd8;
  const blocks = isJpeg ? readJpeg(file) : readWebp(file);
  if (!blocks.ok)
    return isJpeg || isRiff(file) ? blocks : { ok: false, reason: 'not a PNG, JPEG or WebP file' };
  const { widthPx, heightPx } = blocks.value;
  return {
    ok: true,
    value: { kind: isJpeg ? 'jpeg' : 'webp', widthPx, heightPx, ...textsOf(blocks.value) },
  };
}

/** Whether a picture of this size is decoded and shown. */
export function isShowable({ widthPx, heightPx }: { widthPx: number; heightPx: number }): boolean {
  return Math.max(widthPx, heightPx) <= MAX_PICTURE_SIDE_PX && widthPx * heightPx <= MAX_PICTURE_PIXELS;
}

function textsOf({ exif, xmp, comments }: TextBlocks): PngTexts {
  const entries: PngText[] = exif.flatMap((block) => exifEntries(readExif(block)));
  const skipped: PngTexts['skipped'] = [];
  for (const packet of xmp) {
    const text = packet.length > MAX_XMP_BYTES ? null : utf8(packet);
    if (text === null) skipped.push({ keyword: XMP_KEYWORD, reason: 'not readable' });
    else entries.push(...unfoldXmp({ keyword: XMP_KEYWORD, text }));
  }
  for (const comment of comments) {
    const text = utf8(comment);
    if (text !== null) entries.push({ keyword: 'comment', text });
  }
  return { entries, skipped };
}

function exifEntries(texts: readonly ExifText[]): PngText[] {
  return texts.flatMap(({ tag, text }): PngText[] => {
    // Cameras write here too: only what looks like settings is taken for them.
    if (tag === 'user-comment')
      return [{ keyword: /^\s*\{|\bSteps: \d/.test(text) ? INFOTEXT_KEYWORD : 'comment', text }];
    // One tool says beside its text in which of two forms that is.
    if (tag === 'maker-note') return [{ keyword: 'fooocus_scheme', text }];
    // Another puts `prompt:` or `workflow:` and a graph into whichever tags of words come first.
    const [, keyword, rest] = /^\s*(prompt|workflow):\s*([{[][^]*)$/i.exec(text) ?? [];
    if (keyword !== undefined && rest !== undefined) return [{ keyword: keyword.toLowerCase(), text: rest }];
    return [{ keyword: tag, text }];
  });
}

/** The packet itself, and the settings that some tools keep inside it. */
function unfoldXmp(entry: PngText): PngText[] {
  return entry.keyword === XMP_KEYWORD ? [entry, ...textsOfXmp(entry.text)] : [entry];
}

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function isRiff(file: Uint8Array): boolean {
  return String.fromCharCode(...file.subarray(0, 4)) === 'RIFF';
}
