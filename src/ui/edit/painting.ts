/** Strokes to pixels: a mask is a canvas whose opaque parts are drawn anew. */
import { getStroke } from 'perfect-freehand';
import type { MaskOp, StrokePoint } from '#state/edit.ts';
import { services } from '#state/services.ts';

interface Size {
  widthPx: number;
  heightPx: number;
}

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** How much of a brush's width the pressure of a pen decides. */
const THINNING = 0.7;

/** Kept files, as pictures; each is read once. */
const kept = new Map<string, Promise<ImageBitmap | null>>();

export function keptPicture(sha256: string): Promise<ImageBitmap | null> {
  const known = kept.get(sha256) ?? readKept(sha256);
  kept.set(sha256, known);
  return known;
}

async function readKept(sha256: string): Promise<ImageBitmap | null> {
  const file = await services().inputs.get(sha256);
  return file === null ? null : createImageBitmap(file).catch(() => null);
}

/** Paints everything anew; only one at a time on a canvas. @returns false where `isStale` turned true on the way */
export async function paintAll(
  context: Context,
  size: Size,
  ops: readonly MaskOp[],
  isStale: () => boolean,
): Promise<boolean> {
  const bitmaps = await Promise.all(ops.map((op) => (op.kind === 'kept' ? keptPicture(op.sha256) : null)));
  if (isStale()) return false;
  context.clearRect(0, 0, size.widthPx, size.heightPx);
  for (const [i, op] of ops.entries()) paintOp(context, size, op, bitmaps[i] ?? null);
  return true;
}

export function paintOp(context: Context, size: Size, op: MaskOp, bitmap: ImageBitmap | null): void {
  const { widthPx, heightPx } = size;
  context.globalCompositeOperation = 'source-over';
  context.fillStyle = '#fff';
  switch (op.kind) {
    case 'clear':
      context.clearRect(0, 0, widthPx, heightPx);
      return;
    case 'invert':
      context.globalCompositeOperation = 'xor';
      context.fillRect(0, 0, widthPx, heightPx);
      return;
    case 'kept':
      if (bitmap !== null) paintKept(context, size, bitmap);
      return;
    case 'brush':
    case 'rectangle':
    case 'lasso':
      if (op.isErasing) context.globalCompositeOperation = 'destination-out';
      context.fill(outlineOf(op));
  }
}

/** Gives what is painted the studio's colour; only how opaque it is means anything. */
export function tint(context: Context, { widthPx, heightPx }: Size, colour: string): void {
  context.globalCompositeOperation = 'source-in';
  context.fillStyle = colour;
  context.fillRect(0, 0, widthPx, heightPx);
}

/** A mask's file is white on black: what is black there is nothing here. */
function paintKept(context: Context, { widthPx, heightPx }: Size, bitmap: ImageBitmap): void {
  const canvas = new OffscreenCanvas(widthPx, heightPx);
  const own = canvas.getContext('2d');
  if (own === null) return;
  own.drawImage(bitmap, 0, 0, widthPx, heightPx);
  const pixels = own.getImageData(0, 0, widthPx, heightPx);
  for (let i = 0; i < pixels.data.length; i += 4) {
    pixels.data[i + 3] = pixels.data[i]! >= 128 ? 255 : 0;
    pixels.data.fill(255, i, i + 3);
  }
  own.putImageData(pixels, 0, 0);
  context.drawImage(canvas, 0, 0);
}

function outlineOf(op: Extract<MaskOp, { points: unknown }>): Path2D {
  if (op.kind === 'rectangle') {
    const path = new Path2D();
    const [from, to] = [op.points[0]!, op.points.at(-1)!];
    path.rect(from[0], from[1], to[0] - from[0], to[1] - from[1]);
    return path;
  }
  return op.kind === 'brush' ? strokePath(op) : pathOf(op.points);
}

/** Around a brush's stroke: each corner of its outline bends the line between the middles of its two sides. */
export function strokePath(stroke: Parameters<typeof strokeOf>[0]): Path2D {
  const outline = strokeOf(stroke);
  const path = new Path2D();
  for (const [i, [x, y]] of outline.entries()) {
    const [nextX, nextY] = outline[(i + 1) % outline.length]!;
    const middle = [(x! + nextX!) / 2, (y! + nextY!) / 2] as const;
    if (i === 0) path.moveTo(...middle);
    else path.quadraticCurveTo(x!, y!, ...middle);
  }
  path.closePath();
  return path;
}

function pathOf(outline: readonly (readonly number[])[]): Path2D {
  const path = new Path2D();
  for (const [i, [x, y]] of outline.entries()) {
    if (i === 0) path.moveTo(x!, y!);
    else path.lineTo(x!, y!);
  }
  path.closePath();
  return path;
}

function strokeOf({
  points,
  sizePx,
  hasPressure,
}: {
  points: readonly StrokePoint[];
  sizePx: number;
  hasPressure: boolean;
}): number[][] {
  return getStroke(
    points.map((point) => [...point]),
    {
      size: sizePx,
      thinning: hasPressure ? THINNING : 0,
      simulatePressure: false,
      streamline: 0.2,
      last: true,
    },
  );
}

/** The mask as a file, white on black; null where nothing is masked. */
export async function exportMask(size: Size, ops: readonly MaskOp[]): Promise<Blob | null> {
  const { widthPx, heightPx } = size;
  const canvas = new OffscreenCanvas(widthPx, heightPx);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return null;
  await paintAll(context, size, ops, () => false);
  if (maskedShare(context, size) === 0) return null;
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#000';
  context.fillRect(0, 0, widthPx, heightPx);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** How much is masked, 0 to 1; anything at all is over 0. */
export function maskedShare(context: Context, { widthPx, heightPx }: Size): number {
  const { data } = context.getImageData(0, 0, widthPx, heightPx);
  let masked = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i]! >= 128) masked++;
  return masked / (widthPx * heightPx);
}
