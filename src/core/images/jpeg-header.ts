/** The head of a JPEG (ITU T.81, annex B): its frame header, and the orientation that EXIF notes. */
import { readOrientation } from './exif.ts';
import { broken, type HeaderResult } from './picture-header.ts';

const EXIF = 'Exif\0\0';
const APP1 = 0xe1;
const START_OF_SCAN = 0xda;
const END = 0xd9;

export function readJpeg(bytes: Uint8Array): HeaderResult {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let orientation = 1;
  for (let at = 2; ; ) {
    // Any number of 0xff may stand before a marker.
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++;
    if (at + 4 > bytes.length) return broken('it ends before its size is told');
    if (bytes[at] !== 0xff) return broken(`there is no marker at byte ${at}`);
    const marker = bytes[at + 1]!;
    if (marker === START_OF_SCAN || marker === END) return broken('its pixels begin before its size is told');
    if (hasNoLength(marker)) {
      at += 2;
      continue;
    }
    const length = view.getUint16(at + 2);
    if (length < 2) return broken(`the segment at byte ${at} has no length`);
    const body = bytes.subarray(at + 4, at + 2 + length);
    if (marker === APP1 && String.fromCharCode(...body.subarray(0, EXIF.length)) === EXIF)
      orientation = readOrientation(body.subarray(EXIF.length));
    if (isFrame(marker)) {
      if (body.length < 6) return broken('its frame header is cut off');
      const heightPx = view.getUint16(at + 5);
      const widthPx = view.getUint16(at + 7);
      if (heightPx === 0 || widthPx === 0) return broken('its header tells no size');
      const isCmyk = body[5] === 4;
      return {
        ok: true,
        header: { kind: 'jpeg', widthPx, heightPx, isAnimated: false, isCmyk, orientation },
      };
    }
    at += 2 + length;
  }
}

function hasNoLength(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

/** Start of frame, of any coding; not the tables that lie between their numbers. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
