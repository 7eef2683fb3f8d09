/** Whether a file may be shown as a picture at all: a browser unpacks whatever an `<img>` points to. */
import type { Failure } from '#core/failure.ts';
import { guardPicture, judgeFileSize } from '#core/images/guard.ts';

/** Holds the header of any picture: only a JPEG may have notes of a camera before it, of 64 KB each. */
const HEAD_BYTES = 2 ** 20;

/** @returns null where it may */
export async function judgeFile(file: Blob): Promise<Failure | null> {
  const tooLarge = judgeFileSize(file.size);
  if (tooLarge !== null) return tooLarge;
  const guarded = guardPicture(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
  return guarded.ok ? null : guarded.failure;
}
