/** The field's text as EXIF (TIFF 6.0, CIPA DC-008): a UserComment in UTF-16, where other tools look for it. */

const EXIF_POINTER = 0x8769;
const USER_COMMENT = 0x9286;
const LONG = 4;
const UNDEFINED = 7;
const CHARSET = 'UNICODE\0';
/** Header, directory of one entry, and the second directory of one. */
const COMMENT_AT = 8 + 18 + 18;

/** @returns from the byte-order mark on: big-endian, in which the comment's code units stand too */
export function commentExif(text: string): Uint8Array<ArrayBuffer> {
  const length = CHARSET.length + 2 * text.length;
  const bytes = new Uint8Array(COMMENT_AT + length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x4d4d);
  view.setUint16(2, 42);
  view.setUint32(4, 8);
  writeDirectory(view, 8, EXIF_POINTER, LONG, 1, 26);
  writeDirectory(view, 26, USER_COMMENT, UNDEFINED, length, COMMENT_AT);
  for (let i = 0; i < CHARSET.length; i++) bytes[COMMENT_AT + i] = CHARSET.charCodeAt(i);
  const textAt = COMMENT_AT + CHARSET.length;
  for (let i = 0; i < text.length; i++) view.setUint16(textAt + 2 * i, text.charCodeAt(i));
  return bytes;
}

/** A directory of one entry, with none after it. */
function writeDirectory(
  view: DataView,
  at: number,
  tag: number,
  type: number,
  count: number,
  value: number,
): void {
  view.setUint16(at, 1);
  view.setUint16(at + 2, tag);
  view.setUint16(at + 4, type);
  view.setUint32(at + 6, count);
  view.setUint32(at + 10, value);
  view.setUint32(at + 14, 0);
}
