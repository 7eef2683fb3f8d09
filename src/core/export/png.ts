/** The words of a PNG, chosen: its pixels and everything else stay as they are, byte for byte. */
import { INFOTEXT_KEYWORD } from '#core/metadata/picture-text.ts';
import { readChunks, writeChunks } from '#core/metadata/png.ts';
import { insertTexts, type PngText } from '#core/metadata/png-text.ts';
import { REQUEST_KEYWORD } from '#core/metadata/request-text.ts';
import { XMP_KEYWORD } from '#core/metadata/xmp.ts';
import type { FileWords, WriteResult } from './words.ts';

const WORDS = new Set(['tEXt', 'zTXt', 'iTXt', 'eXIf']);

/** Takes every text out, then puts these in. */
export function writePngWords(
  png: Uint8Array,
  { parameters, xmp, request }: FileWords & { request: string | null },
): WriteResult {
  const chunks = readChunks(png);
  if (!chunks.ok) return chunks;
  const bare = writeChunks(chunks.value.filter(({ type }) => !WORDS.has(type)));
  const entries: PngText[] = [];
  if (parameters !== null) entries.push({ keyword: INFOTEXT_KEYWORD, text: parameters });
  if (request !== null) entries.push({ keyword: REQUEST_KEYWORD, text: request });
  if (xmp !== null) entries.push({ keyword: XMP_KEYWORD, text: xmp, international: true });
  const written = insertTexts(bare, entries);
  return written.ok ? { ok: true, file: written.value, leftOut: [] } : written;
}
