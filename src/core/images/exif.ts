/** The one thing of EXIF that changes what a picture looks like: its orientation (TIFF 6.0, tag 0x0112). */

const ORIENTATION = 0x0112;
const SHORT = 3;
const MAX_ENTRIES = 512;

/** @param tiff from its byte order mark on @returns 1 to 8; 1 where none can be read */
export function readOrientation(tiff: Uint8Array): number {
  if (tiff.length < 14) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const mark = view.getUint16(0);
  if (mark !== 0x4949 && mark !== 0x4d4d) return 1;
  const little = mark === 0x4949;
  const start = view.getUint32(4, little);
  if (start + 2 > tiff.length) return 1;
  const entries = Math.min(view.getUint16(start, little), MAX_ENTRIES);
  for (let i = 0; i < entries; i++) {
    const at = start + 2 + 12 * i;
    if (at + 12 > tiff.length) return 1;
    if (view.getUint16(at, little) !== ORIENTATION || view.getUint16(at + 2, little) !== SHORT) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
