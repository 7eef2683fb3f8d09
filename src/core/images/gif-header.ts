/** The head of a GIF (GIF89a): its logical screen, and whether more than one frame follows. */
import { broken, type HeaderResult } from './picture-header.ts';

const IMAGE = 0x2c;
const EXTENSION = 0x21;

export function readGif(bytes: Uint8Array): HeaderResult {
  if (bytes.length < 13) return broken('it ends before its size is told');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const widthPx = view.getUint16(6, true);
  const heightPx = view.getUint16(8, true);
  if (widthPx === 0 || heightPx === 0) return broken('its header tells no size');
  return {
    ok: true,
    header: {
      kind: 'gif',
      widthPx,
      heightPx,
      isAnimated: hasTwoFrames(bytes),
      isCmyk: false,
      orientation: 1,
    },
  };
}

function hasTwoFrames(bytes: Uint8Array): boolean {
  let at = 13 + tableBytes(bytes[10]!);
  for (let frames = 0; at < bytes.length; ) {
    if (bytes[at] === IMAGE) {
      if (++frames === 2) return true;
      at = afterBlocks(bytes, at + 11 + tableBytes(bytes[at + 9] ?? 0));
    } else if (bytes[at] === EXTENSION) at = afterBlocks(bytes, at + 2);
    else return false;
  }
  return false;
}

/** Bytes of the colour table that a packed field announces. */
function tableBytes(packed: number): number {
  return packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0;
}

/** Skips data blocks up to the empty one. */
function afterBlocks(bytes: Uint8Array, at: number): number {
  for (let length = bytes[at]; length !== undefined && length > 0; length = bytes[at]) at += 1 + length;
  return at + 1;
}
