/** The head of a PNG (W3C PNG, third edition): IHDR, and whether it moves (acTL) or was turned (eXIf). */
import { readHeader } from '#core/metadata/png.ts';
import { readOrientation } from './exif.ts';
import { broken, type HeaderResult } from './picture-header.ts';

const FIRST_CHUNK = 8;
const FRAME_BYTES = 12;
const MAX_CHUNKS = 1024;

export function readPng(bytes: Uint8Array): HeaderResult {
  const read = readHeader(bytes);
  if (!read.ok) return broken(read.reason);
  const { widthPx, heightPx } = read.value;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let isAnimated = false;
  let orientation = 1;
  let at = FIRST_CHUNK;
  for (let i = 0; i < MAX_CHUNKS && at + FRAME_BYTES <= bytes.length; i++) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === 'IDAT' || type === 'IEND') break;
    if (type === 'acTL') isAnimated = true;
    if (type === 'eXIf') orientation = readOrientation(bytes.subarray(at + 8, at + 8 + length));
    at += FRAME_BYTES + length;
  }
  return { ok: true, header: { kind: 'png', widthPx, heightPx, isAnimated, isCmyk: false, orientation } };
}
