import { expect, test } from 'vitest';
import { floodFill } from './flood-fill.ts';

/** `#` is black, everything else white. */
function paper(rows: string[]) {
  const data = new Uint8ClampedArray(
    rows.flatMap((row) => [...row].flatMap((c) => (c === '#' ? [0, 0, 0, 255] : [255, 255, 255, 255]))),
  );
  return { data, size: { widthPx: rows[0]!.length, heightPx: rows.length } };
}

function drawn({ data, size }: ReturnType<typeof paper>): string[] {
  return Array.from({ length: size.heightPx }, (_, y) =>
    Array.from({ length: size.widthPx }, (__, x) => {
      const [r, g] = data.subarray(4 * (y * size.widthPx + x));
      return r === 0 ? '#' : g === 0 ? 'r' : '.';
    }).join(''),
  );
}

test('fills up to the lines around it, not through corners', () => {
  const page = paper(['.....', '.###.', '.#.#.', '.###.', '.....']);
  expect(floodFill(page.data, page.size, [2.7, 2.2], [255, 0, 0])).toBe(1);
  expect(drawn(page)).toEqual(['.....', '.###.', '.#r#.', '.###.', '.....']);
  expect(floodFill(page.data, page.size, [0, 0], [255, 0, 0])).toBe(16);
  expect(drawn(page)).toEqual(['rrrrr', 'r###r', 'r#r#r', 'r###r', 'rrrrr']);
});

test('takes the soft edge of a line along, and stops at the line', () => {
  const page = paper(['...#']);
  page.data.set([220, 220, 220, 255], 8);
  expect(floodFill(page.data, page.size, [0, 0], [255, 0, 0])).toBe(3);
  expect(drawn(page)).toEqual(['rrr#']);
});

test('changes nothing from a point beside the picture', () => {
  const page = paper(['..']);
  for (const at of [
    [-1, 0],
    [2, 0],
    [0, 1],
  ] as const)
    expect(floodFill(page.data, page.size, at, [255, 0, 0])).toBe(0);
});
