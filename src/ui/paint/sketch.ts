/** A sketch to pixels: paper, and what was done to it. */
import { floodFill } from '#core/pixels/flood-fill.ts';
import type { Size } from '#core/pixels/pixels.ts';
import { onPaper, type Paint, type PaintOp, PAPER } from '#state/live-paint.ts';
import { keptPicture, strokePath } from '#ui/edit/painting.ts';

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Paints everything anew. @returns false where `isStale` turned true on the way */
export async function paintSketch(
  context: Context,
  size: Size,
  ops: readonly PaintOp[],
  isStale: () => boolean,
): Promise<boolean> {
  const bitmaps = await Promise.all(ops.map((op) => (op.kind === 'picture' ? keptPicture(op.sha256) : null)));
  if (isStale()) return false;
  clear(context, size);
  for (const [k, op] of ops.entries()) paintSketchOp(context, size, op, bitmaps[k] ?? null);
  return true;
}

export function paintSketchOp(
  context: Context,
  size: Size,
  op: PaintOp,
  bitmap: ImageBitmap | null = null,
): void {
  const { widthPx, heightPx } = size;
  switch (op.kind) {
    case 'clear':
      clear(context, size);
      return;
    case 'picture':
      if (bitmap !== null) context.drawImage(bitmap, 0, 0, widthPx, heightPx);
      return;
    case 'fill': {
      const pixels = context.getImageData(0, 0, widthPx, heightPx);
      floodFill(pixels.data, size, op.at, channelsOf(op.colour));
      context.putImageData(pixels, 0, 0);
      return;
    }
    case 'stroke':
      context.fillStyle = op.colour;
      context.fill(strokePath(op));
  }
}

/** The sketch as a file, with the stroke under the pen; null for an empty paper. */
export async function readSketch({
  widthPx,
  heightPx,
  ops,
  pending,
}: Pick<Paint, 'widthPx' | 'heightPx' | 'ops' | 'pending'>): Promise<Blob | null> {
  const done = onPaper(pending === null ? ops : [...ops, pending]);
  if (done.length === 0) return null;
  const canvas = new OffscreenCanvas(widthPx, heightPx);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return null;
  await paintSketch(context, { widthPx, heightPx }, done, () => false);
  return canvas.convertToBlob({ type: 'image/png' });
}

function clear(context: Context, { widthPx, heightPx }: Size): void {
  context.fillStyle = PAPER;
  context.fillRect(0, 0, widthPx, heightPx);
}

function channelsOf(colour: string): [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
