/** Pixels of an 8-bit RGB PNG without interlacing, in Node, where no browser decodes it (W3C PNG, sections 7 and 9). */
import { inflateSync } from 'node:zlib';
import { readChunks, readHeader } from '#core/metadata/png.ts';

export interface RgbPicture {
  data: Uint8Array;
  widthPx: number;
  heightPx: number;
}

export function rgbOfPng(png: Uint8Array): RgbPicture {
  const header = readHeader(png);
  const chunks = readChunks(png);
  if (!header.ok || !chunks.ok || header.value.bitDepth !== 8 || header.value.colourType !== 2)
    throw new Error('This is no plain RGB picture.');
  const { widthPx, heightPx } = header.value;
  const parts = chunks.value.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  const lines = inflateSync(Buffer.concat(parts));
  const row = 3 * widthPx;
  const data = new Uint8Array(row * heightPx);
  for (let y = 0; y < heightPx; y++) {
    const filter = lines[y * (row + 1)]!;
    for (let x = 0; x < row; x++) {
      const left = x < 3 ? 0 : data[y * row + x - 3]!;
      const up = y === 0 ? 0 : data[(y - 1) * row + x]!;
      const corner = x < 3 || y === 0 ? 0 : data[(y - 1) * row + x - 3]!;
      data[y * row + x] = lines[y * (row + 1) + 1 + x]! + predicted(filter, left, up, corner);
    }
  }
  return { data, widthPx, heightPx };
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    default: {
      const guess = left + up - corner;
      const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
      return a <= b && a <= c ? left : b <= c ? up : corner;
    }
  }
}

/** One square of a sheet. */
export function cutSquare(sheet: RgbPicture, index: number, across: number, sidePx: number): RgbPicture {
  const data = new Uint8Array(3 * sidePx * sidePx);
  const x = (index % across) * sidePx;
  const y = Math.floor(index / across) * sidePx;
  for (let line = 0; line < sidePx; line++) {
    const from = 3 * ((y + line) * sheet.widthPx + x);
    data.set(sheet.data.subarray(from, from + 3 * sidePx), 3 * line * sidePx);
  }
  return { data, widthPx: sidePx, heightPx: sidePx };
}
