import type { Size } from './pixels.ts';

/** Edges of strokes are blurred by a pixel: a fill reaches into what differs by no more than this in each channel. */
const TOLERANCE = 48;

/**
 * Gives the area of one colour that a point lies in another colour.
 * @param rgba row by row, changed in place
 * @param at in pixels; a point outside changes nothing
 * @returns how many pixels were changed
 */
export function floodFill(
  rgba: Uint8ClampedArray,
  { widthPx, heightPx }: Size,
  at: readonly [x: number, y: number],
  colour: readonly [r: number, g: number, b: number],
): number {
  const [x, y] = [Math.floor(at[0]), Math.floor(at[1])];
  if (x < 0 || y < 0 || x >= widthPx || y >= heightPx) return 0;
  const start = y * widthPx + x;
  const from = [0, 1, 2].map((channel) => rgba[4 * start + channel]!);
  const isArea = (pixel: number) =>
    from.every((value, channel) => Math.abs(rgba[4 * pixel + channel]! - value) <= TOLERANCE);
  const seen = new Uint8Array(widthPx * heightPx);
  const waiting = [start];
  seen[start] = 1;
  let changed = 0;
  const look = (pixel: number) => {
    if (seen[pixel] === 1 || !isArea(pixel)) return;
    seen[pixel] = 1;
    waiting.push(pixel);
  };
  for (let pixel = waiting.pop(); pixel !== undefined; pixel = waiting.pop()) {
    const column = pixel % widthPx;
    if (column > 0) look(pixel - 1);
    if (column < widthPx - 1) look(pixel + 1);
    if (pixel >= widthPx) look(pixel - widthPx);
    if (pixel < widthPx * (heightPx - 1)) look(pixel + widthPx);
    // Only now: its neighbours were compared with what the area was.
    rgba.set([...colour, 255], 4 * pixel);
    changed++;
  }
  return changed;
}
