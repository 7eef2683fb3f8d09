/** A picture file as pixels for a network, judged before it is unpacked. */
import { guardPicture, isAsPromised, judgeFileSize } from '#core/images/guard.ts';
import type { PictureHeader } from '#core/images/picture-header.ts';
import type { Pixels } from '#core/images/resize.ts';
import { toRgb } from '#core/images/to-tensor.ts';
import { FailureError } from '#core/failure.ts';
import { decodePicture } from '../runtime/pixels.ts';

export interface SafePicture {
  header: PictureHeader;
  /** Three channels; turned upright, so its sides may be swapped against the header's. */
  pixels: Pixels;
}

/** @throws FailureError for what is no picture, too large, or not what its header promised */
export async function decodeSafely(file: Blob): Promise<SafePicture> {
  const tooLarge = judgeFileSize(file.size);
  if (tooLarge !== null) throw new FailureError(tooLarge);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const guarded = guardPicture(bytes);
  if (!guarded.ok) throw new FailureError(guarded.failure);
  const { header } = guarded;
  // By its own kind, whatever its name said.
  const { rgba, widthPx, heightPx } = await decodePicture(
    new Blob([bytes], { type: `image/${header.kind}` }),
    (size) => {
      if (isAsPromised(header, size)) return;
      const reason = `its header promises ${header.widthPx} × ${header.heightPx} pixels and it holds ${size.widthPx} × ${size.heightPx}`;
      throw new FailureError({ code: 'picture-unreadable', reason });
    },
  );
  return { header, pixels: { data: toRgb(rgba), widthPx, heightPx } };
}
