/**
 * A picture in pieces, for networks whose answer at a pixel depends on a bounded neighbourhood of it. Each piece is
 * read with a margin of that width, and only what lies inside the margin is kept: so the pieces join without a seam,
 * and the result is the one that the whole picture would have given.
 */

/** What is kept of a piece, in pixels of the source. It may reach beyond the right and lower edge of an odd picture. */
export interface Tile {
  x: number;
  y: number;
  widthPx: number;
  heightPx: number;
}

export interface TilePlan {
  /** Row by row. All are of one size, so that a GPU compiles its shaders once; neighbours may overlap. */
  tiles: Tile[];
  /** Repeated or neighbouring pixels around each tile, on every side. */
  haloPx: number;
}

/**
 * Covers a picture with tiles of one size.
 * @param limits `maxTilePx` bounds a tile's sides; positions and sides are multiples of `multiplePx`, because a network
 * with strides answers otherwise when its input is moved by less
 * @throws {RangeError} for a size or a limit that is no positive whole number, or a `maxTilePx` below `multiplePx`
 */
export function planTiles(
  picture: { widthPx: number; heightPx: number },
  limits: { maxTilePx: number; multiplePx: number; haloPx: number },
): TilePlan {
  const { maxTilePx, multiplePx, haloPx } = limits;
  for (const value of [picture.widthPx, picture.heightPx, maxTilePx, multiplePx]) {
    if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${value} is no size in pixels`);
  }
  if (maxTilePx < multiplePx) throw new RangeError(`Tiles of ${maxTilePx} hold no multiple of ${multiplePx}`);
  const columns = cover(picture.widthPx, maxTilePx, multiplePx);
  const rows = cover(picture.heightPx, maxTilePx, multiplePx);
  const tiles = rows.starts.flatMap((y) =>
    columns.starts.map((x) => ({ x, y, widthPx: columns.sidePx, heightPx: rows.sidePx })),
  );
  return { tiles, haloPx };
}

/** The fewest equal pieces of one side, spread so that the last one ends where the side does. */
function cover(
  lengthPx: number,
  maxTilePx: number,
  multiplePx: number,
): { starts: number[]; sidePx: number } {
  const up = (value: number) => Math.ceil(value / multiplePx) * multiplePx;
  const wholePx = up(lengthPx);
  const count = Math.ceil(wholePx / (Math.floor(maxTilePx / multiplePx) * multiplePx));
  const sidePx = up(wholePx / count);
  const starts = Array.from({ length: count }, (_, i) => Math.min(i * sidePx, wholePx - sidePx));
  return { starts, sidePx };
}

/**
 * One tile with its margin, as a network reads it. Beyond the picture's edges the nearest pixel repeats.
 * @param rgba bytes, row by row
 * @param channels which of the four to take, in this order
 * @returns [channels, heightPx + 2·halo, widthPx + 2·halo] in -1..1
 */
export function cutTile(
  rgba: Uint8ClampedArray,
  picture: { widthPx: number; heightPx: number },
  tile: Tile,
  haloPx: number,
  channels: readonly number[] = [0, 1, 2],
): Float32Array<ArrayBuffer> {
  const width = tile.widthPx + 2 * haloPx;
  const height = tile.heightPx + 2 * haloPx;
  const plane = width * height;
  const cut = new Float32Array(channels.length * plane);
  for (const [c, channel] of channels.entries()) {
    for (let row = 0; row < height; row++) {
      const line = clamp(tile.y - haloPx + row, picture.heightPx) * picture.widthPx;
      const to = c * plane + row * width;
      for (let column = 0; column < width; column++) {
        const x = clamp(tile.x - haloPx + column, picture.widthPx);
        cut[to + column] = rgba[4 * (line + x) + channel]! / 127.5 - 1;
      }
    }
  }
  return cut;
}

/**
 * Puts what a network made of a tile in its place, without its margin and without what lies beyond the picture.
 * @param answer [channels, scale·(heightPx + 2·halo), scale·(widthPx + 2·halo)] in -1..1
 * @param rgba of the result, `scale` times as wide and high as the source; rounded to the nearest and clamped
 * @param channels where each channel of the answer goes
 * @throws {RangeError} when the answer has another size
 */
export function pasteTile(
  answer: Float32Array,
  rgba: Uint8ClampedArray,
  picture: { widthPx: number; heightPx: number },
  tile: Tile,
  { haloPx, scale }: { haloPx: number; scale: number },
  channels: readonly number[] = [0, 1, 2],
): void {
  const width = scale * (tile.widthPx + 2 * haloPx);
  const height = scale * (tile.heightPx + 2 * haloPx);
  if (answer.length !== channels.length * width * height) {
    throw new RangeError(`${answer.length} values are no ${channels.length} × ${height} × ${width}`);
  }
  const rows = scale * Math.min(tile.heightPx, picture.heightPx - tile.y);
  const columns = scale * Math.min(tile.widthPx, picture.widthPx - tile.x);
  for (const [c, channel] of channels.entries()) {
    for (let row = 0; row < rows; row++) {
      const from = (c * height + row + scale * haloPx) * width + scale * haloPx;
      const to = 4 * ((scale * tile.y + row) * scale * picture.widthPx + scale * tile.x) + channel;
      for (let column = 0; column < columns; column++) {
        rgba[to + 4 * column] = (answer[from + column]! + 1) * 127.5;
      }
    }
  }
}

function clamp(position: number, length: number): number {
  return Math.min(Math.max(position, 0), length - 1);
}
