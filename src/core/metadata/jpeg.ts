/** A JPEG's size and the segments that hold words (ITU-T T.81, annex B). Any bytes may be given; nothing throws. */
import type { PngResult } from './png.ts';

export interface TextBlocks {
  widthPx: number;
  heightPx: number;
  exif: Uint8Array[];
  xmp: Uint8Array[];
  comments: Uint8Array[];
}

const MAX_SEGMENTS = 512;
const EXIF = 'Exif\0\0';
const XMP = 'http://ns.adobe.com/xap/1.0/\0';
const SCAN = 0xda;
const COMMENT = 0xfe;
const APP1 = 0xe1;
/** Frame headers are C0 to CF without these: tables of Huffman and arithmetic codes, and an extension. */
const NO_FRAME = new Set([0xc4, 0xc8, 0xcc]);

/** Reads up to the first scan: what follows is pixels. */
export function readJpeg(file: Uint8Array): PngResult<TextBlocks> {
  if (file[0] !== 0xff || file[1] !== 0xd8) return { ok: false, reason: 'not a JPEG file' };
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found: TextBlocks = { widthPx: 0, heightPx: 0, exif: [], xmp: [], comments: [] };
  let at = 2;
  for (let segments = 0; segments < MAX_SEGMENTS; segments++) {
    // Any number of FF may stand before a marker.
    while (file[at] === 0xff && file[at + 1] === 0xff) at++;
    if (at + 4 > file.length || file[at] !== 0xff) return { ok: false, reason: `no segment at byte ${at}` };
    const marker = file[at + 1]!;
    const length = view.getUint16(at + 2);
    if (length < 2 || at + 2 + length > file.length)
      return { ok: false, reason: `a segment at byte ${at} is cut off` };
    const data = file.subarray(at + 4, at + 2 + length);
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.has(marker) && data.length >= 5) {
      found.heightPx = view.getUint16(at + 5);
      found.widthPx = view.getUint16(at + 7);
    }
    if (marker === APP1 && startsWith(data, EXIF)) found.exif.push(data.subarray(EXIF.length));
    if (marker === APP1 && startsWith(data, XMP)) found.xmp.push(data.subarray(XMP.length));
    if (marker === COMMENT) found.comments.push(data);
    if (marker === SCAN) break;
    at += 2 + length;
  }
  if (found.widthPx === 0 || found.heightPx === 0) return { ok: false, reason: 'the file has no valid size' };
  return { ok: true, value: found };
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  if (bytes.length < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false;
  return true;
}
