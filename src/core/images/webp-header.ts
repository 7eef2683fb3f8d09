/** The head of a WebP (RFC 9649): the canvas of its extended form, or the size of its one frame. */
import { broken, type HeaderResult } from './picture-header.ts';

const MAX_CHUNKS = 64;
const ANIMATION = 0x02;

interface Size {
  widthPx: number;
  heightPx: number;
}

export function readWebp(bytes: Uint8Array): HeaderResult {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let canvas: Size | null = null;
  let isAnimated = false;
  let at = 12;
  for (let i = 0; i < MAX_CHUNKS && at + 8 <= bytes.length; i++) {
    const type = String.fromCharCode(...bytes.subarray(at, at + 4));
    const length = view.getUint32(at + 4, true);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'VP8X') {
      if (body.length < 10) return broken('its header is cut off');
      isAnimated = (body[0]! & ANIMATION) !== 0;
      canvas = { widthPx: 1 + uint24(body, 4), heightPx: 1 + uint24(body, 7) };
      if (isAnimated) return found(canvas, true);
    }
    const frame = type === 'VP8 ' ? lossySize(body) : type === 'VP8L' ? losslessSize(body) : null;
    if (frame !== null) {
      if (canvas !== null && (canvas.widthPx !== frame.widthPx || canvas.heightPx !== frame.heightPx))
        return broken('it tells two sizes');
      return found(frame, isAnimated);
    }
    at += 8 + length + (length % 2);
  }
  return broken('it ends before its size is told');
}

function found({ widthPx, heightPx }: Size, isAnimated: boolean): HeaderResult {
  if (widthPx === 0 || heightPx === 0) return broken('its header tells no size');
  return { ok: true, header: { kind: 'webp', widthPx, heightPx, isAnimated, isCmyk: false, orientation: 1 } };
}

/** RFC 6386, section 9.1. */
function lossySize(body: Uint8Array): Size | null {
  if (body.length < 10 || body[3] !== 0x9d || body[4] !== 0x01 || body[5] !== 0x2a) return null;
  return {
    widthPx: (body[6]! | (body[7]! << 8)) & 0x3fff,
    heightPx: (body[8]! | (body[9]! << 8)) & 0x3fff,
  };
}

/** RFC 9649, section 3.4. */
function losslessSize(body: Uint8Array): Size | null {
  if (body.length < 5 || body[0] !== 0x2f) return null;
  const packed = (body[1]! | (body[2]! << 8) | (body[3]! << 16) | (body[4]! << 24)) >>> 0;
  return { widthPx: 1 + (packed & 0x3fff), heightPx: 1 + ((packed >>> 14) & 0x3fff) };
}

function uint24(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
}
