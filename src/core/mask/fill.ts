/** Masked pixels take the colours around them, ever softer the farther in: a pyramid down and up again. */
import type { Pixels } from '#core/pixels/pixels.ts';
import { MASKED_FROM } from './mask.ts';

/** Colours times their weight, and the weights: how much of a pixel is known. */
interface Level {
  width: number;
  height: number;
  colours: Float32Array;
  weights: Float32Array;
}

/** @returns the picture without what was masked; where all is masked, mid-grey */
export function filled(picture: Pixels, mask: Pixels): Pixels {
  const { widthPx: width, heightPx: height } = picture;
  const finest: Level = {
    width,
    height,
    colours: new Float32Array(3 * width * height),
    weights: new Float32Array(width * height),
  };
  for (let i = 0; i < width * height; i++) {
    if (mask.data[i]! >= MASKED_FROM) continue;
    finest.weights[i] = 1;
    for (let c = 0; c < 3; c++) finest.colours[3 * i + c] = picture.data[4 * i + c]!;
  }
  const levels = [finest];
  while (Math.max(levels.at(-1)!.width, levels.at(-1)!.height) > 1) levels.push(halved(levels.at(-1)!));
  let known = normalised(levels.at(-1)!, null);
  for (const level of levels.toReversed().slice(1)) known = normalised(level, known);
  const data = new Uint8ClampedArray(picture.data);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) data[4 * i + c] = known.colours[3 * i + c]!;
  }
  return { ...picture, data };
}

function halved(level: Level): Level {
  const width = Math.ceil(level.width / 2);
  const height = Math.ceil(level.height / 2);
  const colours = new Float32Array(3 * width * height);
  const weights = new Float32Array(width * height);
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++) {
      const from = y * level.width + x;
      const to = Math.floor(y / 2) * width + Math.floor(x / 2);
      weights[to]! += level.weights[from]! / 4;
      for (let c = 0; c < 3; c++) colours[3 * to + c]! += level.colours[3 * from + c]! / 4;
    }
  }
  return { width, height, colours, weights };
}

const UNKNOWN = 127.5;

/** What is not known of a level comes from the coarser one. */
function normalised(level: Level, coarser: Level | null): Level {
  const { width, height, weights } = level;
  const colours = new Float32Array(level.colours.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const missing = 1 - Math.min(1, weights[i]!);
      for (let c = 0; c < 3; c++) {
        const own = weights[i]! > 1 ? level.colours[3 * i + c]! / weights[i]! : level.colours[3 * i + c]!;
        const around = missing === 0 ? 0 : coarser === null ? guess(level, i, c) : between(coarser, x, y, c);
        colours[3 * i + c] = own + missing * around;
      }
    }
  }
  return { ...level, colours };
}

function guess({ colours, weights }: Level, i: number, c: number): number {
  return weights[i] === 0 ? UNKNOWN : colours[3 * i + c]! / weights[i]!;
}

/** A colour of the coarser level, linear between its pixels. */
function between({ width, height, colours }: Level, x: number, y: number, c: number): number {
  const [left, right, dx] = neighbours((x - 0.5) / 2, width);
  const [top, bottom, dy] = neighbours((y - 0.5) / 2, height);
  const at = (column: number, row: number) => colours[3 * (row * width + column) + c]!;
  const upper = at(left, top) * (1 - dx) + at(right, top) * dx;
  const lower = at(left, bottom) * (1 - dx) + at(right, bottom) * dx;
  return upper * (1 - dy) + lower * dy;
}

function neighbours(position: number, length: number): [before: number, after: number, share: number] {
  const inside = Math.min(Math.max(position, 0), length - 1);
  const before = Math.floor(inside);
  return [before, Math.min(before + 1, length - 1), inside - before];
}
