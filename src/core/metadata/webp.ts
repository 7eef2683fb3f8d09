/** A WebP's size and the chunks that hold words (RFC 9649). Any bytes may be given; nothing throws. */
import type { TextBlocks } from './jpeg.ts';
import type { PngResult } from './png.ts';

const MAX_CHUNKS = 4096;

export function readWebp(file: Uint8Array): PngResult<TextBlocks> {
  if (file.length < 20 || name(file, 0) !== 'RIFF' || name(file, 8) !== 'WEBP')
    return { ok: false, reason: 'not a WebP file' };
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found: TextBlocks = { widthPx: 0, heightPx: 0, exif: [], xmp: [], comments: [] };
  let at = 12;
  for (let chunks = 0; chunks < MAX_CHUNKS && at + 8 <= file.length; chunks++) {
    const type = name(file, at);
    const length = view.getUint32(at + 4, true);
    if (length > file.length - at - 8) return { ok: false, reason: `${type} at byte ${at} is cut off` };
    const data = file.subarray(at + 8, at + 8 + length);
    if (found.widthPx === 0) Object.assign(found, sizeIn(type, data));
    if (type === 'EXIF') found.exif.push(data);
    if (type === 'XMP ') found.xmp.push(data);
    // Chunks begin at even places.
    at += 8 + length + (length % 2);
  }
  if (found.widthPx === 0 || found.heightPx === 0) return { ok: false, reason: 'the file has no valid size' };
  return { ok: true, value: found };
}

function sizeIn(type: string, data: Uint8Array): { widthPx: number; heightPx: number } | null {
  const byte = (at: number) => data[at] ?? 0;
  if (type === 'VP8X' && data.length >= 10) {
    return {
      widthPx: 1 + byte(4) + byte(5) * 256 + byte(6) * 65_536,
      heightPx: 1 + byte(7) + byte(8) * 256 + byte(9) * 65_536,
    };
  }
  if (type === 'VP8L' && data.length >= 5) {
    return {
      widthPx: 1 + byte(1) + (byte(2) & 0x3f) * 256,
      heightPx: 1 + (byte(2) >> 6) + byte(3) * 4 + (byte(4) & 0x0f) * 1024,
    };
  }
  if (type === 'VP8 ' && data.length >= 10) {
    return { widthPx: byte(6) + (byte(7) & 0x3f) * 256, heightPx: byte(8) + (byte(9) & 0x3f) * 256 };
  }
  return null;
}

function name(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
