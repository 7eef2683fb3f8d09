/** Puts words into a JPEG (ITU-T T.81 annex B): EXIF and XMP in APP1 segments, right after its beginning. */
import { commentExif } from './exif.ts';
import type { FileWords, WriteResult } from './words.ts';
import { pictureXmp } from './xmp.ts';

/** Of one segment, its length field included: more cannot be said in one. */
const MAX_SEGMENT_BYTES = 65_535;
const EXIF = 'Exif\0\0';
const XMP = 'http://ns.adobe.com/xap/1.0/\0';

/**
 * @param jpeg as an encoder writes it: whatever APP1 segments it has stay
 * @returns the file; a text that no segment can hold is left out and said, the packet then without the request
 */
export function writeJpegWords(jpeg: Uint8Array, { parameters, xmp }: FileWords): WriteResult {
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) return { ok: false, reason: 'not a JPEG file' };
  const leftOut: ('parameters' | 'request')[] = [];
  const segments: Uint8Array[] = [];
  if (parameters !== null) {
    const segment = app1(EXIF, commentExif(parameters));
    if (segment === null) leftOut.push('parameters');
    else segments.push(segment);
  }
  if (xmp !== null) {
    const encoder = new TextEncoder();
    let segment = app1(XMP, encoder.encode(xmp));
    if (segment === null) {
      leftOut.push('request');
      segment = app1(XMP, encoder.encode(pictureXmp(null)));
    }
    if (segment !== null) segments.push(segment);
  }
  return { ok: true, leftOut, file: insertAt(jpeg, afterJfif(jpeg), segments) };
}

/** JFIF wants its own segment to be the first. */
function afterJfif(jpeg: Uint8Array): number {
  const isJfif = jpeg[2] === 0xff && jpeg[3] === 0xe0;
  const end = isJfif ? 4 + jpeg[4]! * 256 + jpeg[5]! : 2;
  return end <= jpeg.length ? end : 2;
}

function app1(name: string, data: Uint8Array): Uint8Array | null {
  const length = 2 + name.length + data.length;
  if (length > MAX_SEGMENT_BYTES) return null;
  const segment = new Uint8Array(2 + length);
  segment.set([0xff, 0xe1, length >> 8, length & 0xff]);
  for (let i = 0; i < name.length; i++) segment[4 + i] = name.charCodeAt(i);
  segment.set(data, 4 + name.length);
  return segment;
}

function insertAt(file: Uint8Array, at: number, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(file.length + parts.reduce((sum, part) => sum + part.length, 0));
  whole.set(file.subarray(0, at));
  let offset = at;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  whole.set(file.subarray(at), offset);
  return whole;
}
