/** The words in a PNG: tEXt, zTXt and iTXt chunks (W3C PNG, third edition, section 11.3.3). */
import { readChunks, writeChunks, type PngChunk, type PngResult } from './png.ts';

export interface PngText {
  keyword: string;
  text: string;
  /** Written as iTXt whatever the text is, because readers look for it there (XMP). */
  international?: boolean;
}

export interface PngTexts {
  entries: PngText[];
  /** Text chunks that could not be read, each with its reason in a clause. */
  skipped: { keyword: string; reason: string }[];
}

/** Undoes zlib, piece by piece; throws where the data is damaged. It is left after the limit, so it may be a bomb. */
export type Inflate = (compressed: Uint8Array) => AsyncIterable<Uint8Array>;

export const MAX_TEXT_CHUNKS = 64;
/** Of all texts of a file together, as bytes unpacked. */
export const MAX_TEXT_BYTES = 1_048_576;

/**
 * Reads every text chunk, in the file's order. A chunk that is damaged or beyond the limit is skipped and said so.
 * @returns not ok when the file itself is no whole PNG, or holds more than `MAX_TEXT_CHUNKS` texts
 */
export async function readTexts(png: Uint8Array, inflate: Inflate): Promise<PngResult<PngTexts>> {
  const chunks = readChunks(png);
  if (!chunks.ok) return chunks;
  const textual = chunks.value.filter(isText);
  if (textual.length > MAX_TEXT_CHUNKS)
    return { ok: false, reason: `more than ${MAX_TEXT_CHUNKS} text chunks` };
  const texts: PngTexts = { entries: [], skipped: [] };
  let bytesLeft = MAX_TEXT_BYTES;
  for (const chunk of textual) {
    const packed = unwrap(chunk);
    const keyword = keywordOf(chunk);
    if (!packed) {
      texts.skipped.push({ keyword, reason: 'malformed' });
      continue;
    }
    const bytes = packed.isCompressed
      ? await inflateAtMost(packed.bytes, inflate, bytesLeft)
      : packed.bytes.length <= bytesLeft
        ? packed.bytes
        : 'too-long';
    if (typeof bytes === 'string') {
      texts.skipped.push({ keyword, reason: bytes === 'damaged' ? 'damaged' : 'too long' });
      continue;
    }
    bytesLeft -= bytes.length;
    const text = packed.isUtf8 ? decodeUtf8(bytes) : decodeLatin1(bytes);
    if (text === null) texts.skipped.push({ keyword, reason: 'not valid UTF-8' });
    else texts.entries.push({ keyword, text });
  }
  return { ok: true, value: texts };
}

/**
 * A copy of the file with the entries right after its header, in place of texts of the same keywords: tEXt where
 * Latin-1 can say it, else iTXt, as Pillow and so the field's tools do. Bytes after IEND are dropped.
 * @returns not ok when the file is no whole PNG, a keyword breaks the standard's rules, or a text holds a NUL
 */
export function insertTexts(
  png: Uint8Array,
  entries: readonly PngText[],
): PngResult<Uint8Array<ArrayBuffer>> {
  const chunks = readChunks(png);
  if (!chunks.ok) return chunks;
  for (const { keyword, text } of entries) {
    if (!isKeyword(keyword)) return { ok: false, reason: `"${keyword}" cannot be a keyword` };
    if (text.includes('\0')) return { ok: false, reason: `the text of "${keyword}" holds a NUL` };
  }
  const replaced = new Set(entries.map((entry) => entry.keyword));
  const [header, ...rest] = chunks.value;
  const kept = rest.filter((chunk) => !isText(chunk) || !replaced.has(keywordOf(chunk)));
  return { ok: true, value: writeChunks([header!, ...entries.map(toChunk), ...kept]) };
}

function isText(chunk: PngChunk): boolean {
  return chunk.type === 'tEXt' || chunk.type === 'zTXt' || chunk.type === 'iTXt';
}

/** 1 to 79 printable Latin-1 characters, spaces only single and inside. */
function isKeyword(keyword: string): boolean {
  return /^(?! )(?!.* {2})[\x20-\x7e\xa1-\xff]{1,79}(?<! )$/.test(keyword);
}

function keywordOf({ data }: PngChunk): string {
  const end = data.subarray(0, 80).indexOf(0);
  return decodeLatin1(data.subarray(0, end === -1 ? Math.min(79, data.length) : end));
}

interface Packed {
  bytes: Uint8Array;
  isCompressed: boolean;
  isUtf8: boolean;
}

function unwrap({ type, data }: PngChunk): Packed | null {
  const end = data.subarray(0, 80).indexOf(0);
  if (end < 1) return null;
  if (type === 'tEXt') return { bytes: data.subarray(end + 1), isCompressed: false, isUtf8: false };
  if (type === 'zTXt') {
    return data[end + 1] === 0 ? { bytes: data.subarray(end + 2), isCompressed: true, isUtf8: false } : null;
  }
  const [flag, method] = [data[end + 1], data[end + 2]];
  const language = data.indexOf(0, end + 3);
  const translated = language === -1 ? -1 : data.indexOf(0, language + 1);
  if (translated === -1 || (flag !== 0 && flag !== 1) || (flag === 1 && method !== 0)) return null;
  return { bytes: data.subarray(translated + 1), isCompressed: flag === 1, isUtf8: true };
}

async function inflateAtMost(
  compressed: Uint8Array,
  inflate: Inflate,
  maxBytes: number,
): Promise<Uint8Array | 'damaged' | 'too-long'> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of inflate(compressed)) {
      length += piece.length;
      if (length > maxBytes) return 'too-long';
      pieces.push(piece.slice());
    }
  } catch {
    return 'damaged';
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** By hand: what the web calls `latin1` is windows-1252. */
function decodeLatin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

function toChunk({ keyword, text, international = false }: PngText): PngChunk {
  if (!international && !/[^\p{Cc}\x20-\xff]/u.test(text)) {
    const data = Uint8Array.from(`${keyword}\0${text}`, (char) => char.charCodeAt(0));
    return { type: 'tEXt', data };
  }
  // Keyword, then: not compressed, method 0, no language, no translated keyword.
  const head = Uint8Array.from(`${keyword}\0\0\0\0\0`, (char) => char.charCodeAt(0));
  const body = new TextEncoder().encode(text);
  const data = new Uint8Array(head.length + body.length);
  data.set(head);
  data.set(body, head.length);
  return { type: 'iTXt', data };
}
