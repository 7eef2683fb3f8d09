/**
 * The words in EXIF (TIFF 6.0 and CIPA DC-008): the tags that image tools put their settings into. Any bytes may be
 * given; nothing throws, and nothing is copied before its length was checked.
 */

export interface ExifText {
  tag:
    | 'image-description'
    | 'make'
    | 'model'
    | 'software'
    | 'maker-note'
    | 'user-comment'
    | 'title'
    | 'comment';
  text: string;
}

/** Of one text, in bytes. */
export const MAX_EXIF_TEXT_BYTES = 1_048_576;
const MAX_ENTRIES = 256;
const ENTRY_BYTES = 12;
const EXIF_POINTER = 0x8769;
const TAGS: ReadonlyMap<number, ExifText['tag']> = new Map([
  [0x010e, 'image-description'],
  [0x010f, 'make'],
  [0x0110, 'model'],
  [0x0131, 'software'],
  [0x927c, 'maker-note'],
  [0x9286, 'user-comment'],
  [0x9c9b, 'title'],
  [0x9c9c, 'comment'],
]);
const BYTE = 1;
const ASCII = 2;
const UNDEFINED = 7;
const HEADER = [0x45, 0x78, 0x69, 0x66, 0, 0];
const CHARSET_BYTES = 8;

/** @param bytes from the byte-order mark on, or with the six bytes `Exif` before it, as some writers leave them */
export function readExif(bytes: Uint8Array): ExifText[] {
  const tiff = HEADER.every((byte, i) => bytes[i] === byte) ? bytes.subarray(HEADER.length) : bytes;
  if (tiff.length < 8) return [];
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return [];
  const isLittle = order === 0x4949;
  if (view.getUint16(2, isLittle) !== 42) return [];
  const first = readDirectory(tiff, view.getUint32(4, isLittle), isLittle);
  // The second directory is followed once and from the first only, so that none can lead back.
  const second = first.exifAt === null ? null : readDirectory(tiff, first.exifAt, isLittle);
  return [...first.texts, ...(second?.texts ?? [])];
}

function readDirectory(tiff: Uint8Array, at: number, isLittle: boolean) {
  const found: { texts: ExifText[]; exifAt: number | null } = { texts: [], exifAt: null };
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (at + 2 > tiff.length) return found;
  const entries = Math.min(view.getUint16(at, isLittle), MAX_ENTRIES);
  for (let k = 0; k < entries; k++) {
    const entry = at + 2 + k * ENTRY_BYTES;
    if (entry + ENTRY_BYTES > tiff.length) break;
    const id = view.getUint16(entry, isLittle);
    const type = view.getUint16(entry + 2, isLittle);
    const length = view.getUint32(entry + 4, isLittle);
    if (id === EXIF_POINTER) found.exifAt = view.getUint32(entry + 8, isLittle);
    const tag = TAGS.get(id);
    if (tag === undefined || ![BYTE, ASCII, UNDEFINED].includes(type) || length > MAX_EXIF_TEXT_BYTES)
      continue;
    const start = length <= 4 ? entry + 8 : view.getUint32(entry + 8, isLittle);
    if (start + length > tiff.length) continue;
    const text = decodeTag(tag, tiff.subarray(start, start + length));
    if (text !== '') found.texts.push({ tag, text });
  }
  return found;
}

function decodeTag(tag: ExifText['tag'], bytes: Uint8Array): string {
  // The two that Windows adds are always UTF-16.
  if (tag === 'title' || tag === 'comment') return trimNul(decodeUtf16(bytes, true));
  return tag === 'user-comment' ? decodeUserComment(bytes) : trimNul(decodeBytes(bytes));
}

/** A comment begins with the name of its character code; some writers leave that out. */
export function decodeUserComment(bytes: Uint8Array): string {
  const charset = String.fromCharCode(...bytes.subarray(0, CHARSET_BYTES));
  const body = bytes.subarray(CHARSET_BYTES);
  switch (charset) {
    case 'UNICODE\0':
      return trimNul(decodeUnicode(body));
    case 'ASCII\0\0\0':
    case '\0\0\0\0\0\0\0\0':
      return trimNul(decodeBytes(body));
    default:
      return trimNul(decodeBytes(bytes));
  }
}

/**
 * `UNICODE` says neither which form nor which order: writers of both orders exist, whatever the file's own order is,
 * and some write UTF-8. Settings are mostly ASCII, so every other byte of UTF-16 is zero and tells which.
 */
function decodeUnicode(bytes: Uint8Array): string {
  const mark = bytes.length < 2 ? 0 : bytes[0]! * 256 + bytes[1]!;
  if (mark === 0xfeff) return decodeUtf16(bytes.subarray(2), false);
  if (mark === 0xfffe) return decodeUtf16(bytes.subarray(2), true);
  let even = 0;
  let odd = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    if (bytes[at] === 0) even++;
    if (bytes[at + 1] === 0) odd++;
  }
  if (even === 0 && odd === 0) {
    const utf8 = decodeUtf8(bytes);
    if (utf8 !== null) return utf8;
  }
  return decodeUtf16(bytes, odd > even);
}

function decodeUtf16(bytes: Uint8Array, isLittle: boolean): string {
  let text = '';
  for (let from = 0; from + 1 < bytes.length; from += 8192) {
    const units: number[] = [];
    for (let at = from; at + 1 < Math.min(bytes.length, from + 8192); at += 2)
      units.push(isLittle ? bytes[at]! + bytes[at + 1]! * 256 : bytes[at]! * 256 + bytes[at + 1]!);
    text += String.fromCharCode(...units);
  }
  return text;
}

/** What calls itself ASCII is often UTF-8; what is neither is read byte by byte. */
function decodeBytes(bytes: Uint8Array): string {
  const utf8 = decodeUtf8(bytes);
  if (utf8 !== null) return utf8;
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function trimNul(text: string): string {
  const end = text.indexOf('\0');
  return (end === -1 ? text : text.slice(0, end)).trim();
}
