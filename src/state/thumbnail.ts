/** Longest side of a thumbnail: twice the widest tile of the film strip. */
const LONGEST_PX = 320;

/** A small WebP of a picture. A picture that is small already, or a browser without a canvas, gives the PNG itself. */
export async function makeThumbnail(png: Blob): Promise<Blob> {
  if (typeof createImageBitmap === 'undefined' || typeof OffscreenCanvas === 'undefined') return png;
  return shrink(png).catch(() => png);
}

/** Rejects for a file that the browser cannot decode. */
export async function shrink(png: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(png);
  const scale = LONGEST_PX / Math.max(bitmap.width, bitmap.height);
  if (scale >= 1) {
    bitmap.close();
    return png;
  }
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(bitmap.width * scale)),
    Math.max(1, Math.round(bitmap.height * scale)),
  );
  const context = canvas.getContext('2d');
  if (context === null) return png;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return await canvas.convertToBlob({ type: 'image/webp', quality: 0.85 });
}
