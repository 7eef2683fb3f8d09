import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';

/** A PNG of 8-bit RGB without interlacing, as the goldens' writer makes it (PNG specification, 9.2: filter types). */
export function readSheet(file: string): { data: Uint8Array; widthPx: number; heightPx: number } {
  const png = readFileSync(file);
  const widthPx = png.readUInt32BE(16);
  const heightPx = png.readUInt32BE(20);
  const [depth, colour, , , interlace] = png.subarray(24, 29);
  if (depth !== 8 || colour !== 2 || interlace !== 0) throw new Error(`${file} is no plain RGB picture.`);
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const rows = inflateSync(Buffer.concat(parts));
  const stride = widthPx * 3;
  const data = new Uint8Array(stride * heightPx);
  for (let y = 0; y < heightPx; y++) {
    const filter = rows[y * (stride + 1)]!;
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x < 3 ? 0 : data[at - 3]!;
      const up = y === 0 ? 0 : data[at - stride]!;
      const corner = x < 3 || y === 0 ? 0 : data[at - stride - 3]!;
      data[at] = rows[y * (stride + 1) + 1 + x]! + predict(filter, left, up, corner);
    }
  }
  return { data, widthPx, heightPx };
}

function predict(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const [toLeft, toUp, toCorner] = [up - corner, left - corner, left + up - 2 * corner].map(Math.abs);
  if (toLeft! <= toUp! && toLeft! <= toCorner!) return left;
  return toUp! <= toCorner! ? up : corner;
}
