/** A picture in another format or size, by the browser's own encoders. */
import { FailureError } from '#core/failure.ts';
import type { ExportSettings } from '#state/export.ts';

const TYPES = { png: 'image/png', jpeg: 'image/jpeg', webp: 'image/webp' };

/**
 * @throws FailureError `picture-unreadable`, `export-format` where this browser cannot write the format
 */
export async function encodePicture(
  png: Blob,
  { format, quality, scale }: Pick<ExportSettings, 'format' | 'quality' | 'scale'>,
): Promise<Blob> {
  const bitmap = await createImageBitmap(png).catch((error: unknown) => {
    throw new FailureError(
      { code: 'picture-unreadable', reason: 'the browser cannot decode it' },
      { cause: error },
    );
  });
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(bitmap.width * scale)),
    Math.max(1, Math.round(bitmap.height * scale)),
  );
  const context = canvas.getContext('2d');
  if (context === null) throw new FailureError({ code: 'export-format', format });
  // JPEG has no alpha: what is clear becomes white, not black.
  if (format === 'jpeg') {
    context.fillStyle = 'white';
    context.fillRect(0, 0, canvas.width, canvas.height);
  }
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const file = await canvas.convertToBlob({ type: TYPES[format], quality: quality / 100 });
  // A browser that cannot write a format writes PNG instead, without a word.
  if (file.type !== TYPES[format]) throw new FailureError({ code: 'export-format', format });
  return file;
}
