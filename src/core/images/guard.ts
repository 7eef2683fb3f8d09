/** What may be unpacked: judged by a file's length and header alone, so that a bomb costs nothing. */
import type { Failure } from '#core/failure.ts';
import { readPictureHeader } from './header.ts';
import type { PictureHeader } from './picture-header.ts';

export const MAX_FILE_BYTES = 50_000_000;
export const MAX_SIDE_PX = 8192;
export const MAX_PIXELS = 40_000_000;

export type GuardResult = { ok: true; header: PictureHeader } | { ok: false; failure: Failure };

/** @param sizeBytes of the file, known before its bytes are in memory; null where it may be read */
export function judgeFileSize(sizeBytes: number): Failure | null {
  return sizeBytes > MAX_FILE_BYTES
    ? { code: 'picture-file-too-large', sizeBytes, maxBytes: MAX_FILE_BYTES }
    : null;
}

/** @param bytes of the whole file, or of a beginning that holds its header */
export function guardPicture(bytes: Uint8Array): GuardResult {
  const read = readPictureHeader(bytes);
  if (!read.ok) {
    const { found, reason } = read;
    return found === null
      ? failed({ code: 'picture-unreadable', reason })
      : failed({ code: 'not-a-picture', found });
  }
  const { widthPx, heightPx } = read.header;
  if (Math.max(widthPx, heightPx) > MAX_SIDE_PX || widthPx * heightPx > MAX_PIXELS) {
    return failed({
      code: 'picture-beyond-limits',
      widthPx,
      heightPx,
      maxSidePx: MAX_SIDE_PX,
      maxPixels: MAX_PIXELS,
    });
  }
  return { ok: true, header: read.header };
}

/** Whether what was unpacked is what the header promised; a turn by 90° is no lie. */
export function isAsPromised(
  header: PictureHeader,
  unpacked: { widthPx: number; heightPx: number },
): boolean {
  const straight = unpacked.widthPx === header.widthPx && unpacked.heightPx === header.heightPx;
  const turned = unpacked.widthPx === header.heightPx && unpacked.heightPx === header.widthPx;
  return straight || turned;
}

function failed(failure: Failure): GuardResult {
  return { ok: false, failure };
}
