import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutPiece, Mosaic, planPieces } from './overlap.ts';

const shape = fc.record({ width: fc.integer({ min: 4, max: 12 }), height: fc.integer({ min: 4, max: 12 }) });
const more = fc.record({ width: fc.integer({ min: 0, max: 30 }), height: fc.integer({ min: 0, max: 30 }) });

it('covers the grid with pieces inside it, neighbours over each other, and puts back what was cut', () => {
  fc.assert(
    fc.property(shape, more, (piece, extra) => {
      const grid = { width: piece.width + extra.width, height: piece.height + extra.height };
      const planes = Float32Array.from({ length: 2 * grid.width * grid.height }, (_, i) => Math.sin(i));
      const mosaic = new Mosaic(grid, 2);
      const pieces = planPieces(grid, piece);
      for (const place of pieces) mosaic.add(cutPiece(planes, grid, place, piece), place, piece);
      mosaic.planes().forEach((value, i) => expect(value).toBeCloseTo(planes[i]!, 6));
      const columns = [...new Set(pieces.map(({ x }) => x))].sort((a, b) => a - b);
      expect([columns[0], columns.at(-1)]).toEqual([0, extra.width]);
      columns.slice(1).forEach((x, i) => expect(x - columns[i]!).toBeLessThan(piece.width));
    }),
  );
});

it('counts the middle of a piece most', () => {
  const mosaic = new Mosaic({ width: 6, height: 1 }, 1);
  mosaic.add(new Float32Array(4).fill(0), { x: 0, y: 0 }, { width: 4, height: 1 });
  mosaic.add(new Float32Array(4).fill(1), { x: 2, y: 0 }, { width: 4, height: 1 });
  expect([...mosaic.planes()]).toEqual([0, 0, 0.25, 0.75, 1, 1]);
});

it('refuses a piece that does not fit', () => {
  expect(() => planPieces({ width: 4, height: 4 }, { width: 5, height: 4 })).toThrow(RangeError);
  expect(() =>
    new Mosaic({ width: 4, height: 4 }, 1).add(new Float32Array(3), { x: 0, y: 0 }, { width: 2, height: 2 }),
  ).toThrow(RangeError);
});
