import { expect, test } from 'vitest';
import cases from './goldens/resize.golden.json' with { type: 'json' };
import { type ResizeFilter, resizePixels } from './resize.ts';
import { toRgb, toTensor } from './to-tensor.ts';

const FILTERS: ResizeFilter[] = ['bilinear', 'bicubic', 'lanczos'];

test.each(FILTERS)('%s gives the very bytes that Pillow gives', (filter) => {
  expect(cases.length).toBeGreaterThan(5);
  for (const golden of cases) {
    const picture = { data: Uint8Array.from(golden.source), widthPx: golden.width, heightPx: golden.height };
    const target = { widthPx: golden.toWidth, heightPx: golden.toHeight };
    expect(Array.from(resizePixels(picture, target, filter))).toEqual(golden[filter]);
  }
});

test('a line of 8192 pixels and a single pixel become whole pictures', () => {
  const line = resizePixels(
    { data: new Uint8Array(8192 * 3).fill(90), widthPx: 8192, heightPx: 1 },
    { widthPx: 4, heightPx: 4 },
    'bicubic',
  );
  expect(Array.from(line)).toEqual(Array.from({ length: 48 }, () => 90));
  const dot = resizePixels(
    { data: Uint8Array.of(1, 2, 3), widthPx: 1, heightPx: 1 },
    { widthPx: 2, heightPx: 2 },
    'bicubic',
  );
  expect(Array.from(dot)).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
});

test('what is transparent lies on white', () => {
  expect(Array.from(toRgb(Uint8Array.of(0, 100, 200, 0, 0, 100, 200, 255, 0, 0, 0, 51)))).toEqual([
    255, 255, 255, 0, 100, 200, 204, 204, 204,
  ]);
});

test('a tensor is planes of normalised values', () => {
  const tensor = toTensor(
    { data: Uint8Array.of(255, 0, 51), widthPx: 1, heightPx: 1 },
    { widthPx: 1, heightPx: 1, resize: 'bicubic', mean: [0.5, 0.5, 0], std: [0.5, 0.25, 1] },
  );
  expect(tensor[0]).toBeCloseTo(1);
  expect(tensor[1]).toBeCloseTo(-2);
  expect(tensor[2]).toBeCloseTo(0.2);
});
