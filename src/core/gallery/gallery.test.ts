import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { choicesOf, findEntries, type GalleryEntry, isWhole, usageOf, WHOLE_GALLERY } from './search.ts';
import { extendTo, keepOnly, NOTHING_SELECTED, toggle } from './select.ts';

function entry(id: string, change: Partial<GalleryEntry> = {}): GalleryEntry {
  const prompt = change.prompt ?? '';
  return {
    id,
    number: 1,
    createdAt: 0,
    widthPx: 8,
    heightPx: 8,
    seed: 0,
    prompt,
    alt: '',
    text: prompt.toLowerCase(),
    model: 'starter',
    adapters: [],
    kit: null,
    isStarred: false,
    boards: [],
    sizeBytes: 10,
    isImported: false,
    ...change,
  };
}

const ENTRIES = [
  entry('a', { prompt: 'A red apple', seed: 7, createdAt: 10, isStarred: true, boards: ['x'] }),
  entry('b', { prompt: 'A red fox', seed: 12, createdAt: 20, model: 'turbo', adapters: ['clay'] }),
  entry('c', { prompt: 'Blue 7 boats', seed: 1, createdAt: 30, kit: 'Acme', boards: ['x', 'y'] }),
];

test.each([
  [{ words: 'red' }, 'ab'],
  [{ words: ' RED  fox ' }, 'b'],
  [{ words: '7' }, 'ac'],
  [{ words: 'seed:7' }, 'a'],
  [{ words: 'red', isStarred: true }, 'a'],
  [{ model: 'turbo' }, 'b'],
  [{ adapter: 'clay' }, 'b'],
  [{ kit: 'Acme' }, 'c'],
  [{ board: 'x' }, 'ac'],
  [{ from: 20 }, 'bc'],
  [{ from: 10, until: 20 }, 'a'],
  [{ words: 'zebra' }, ''],
  [{}, 'abc'],
])('%j finds %s', (query, found) => {
  const ids = findEntries(ENTRIES, { ...WHOLE_GALLERY, ...query }).map(({ id }) => id);
  expect(ids.join('')).toBe(found);
});

test('every filter only ever takes away, and none at all is the whole', () => {
  const query = fc.record({
    ...Object.fromEntries(Object.entries(WHOLE_GALLERY).map(([key, value]) => [key, fc.constant(value)])),
    words: fc.string(),
    isStarred: fc.boolean(),
  }) as fc.Arbitrary<typeof WHOLE_GALLERY>;
  fc.assert(
    fc.property(query, (asked) => {
      const found = findEntries(ENTRIES, asked);
      expect(ENTRIES.filter((one) => found.includes(one))).toEqual(found);
      if (isWhole(asked)) expect(found).toHaveLength(ENTRIES.length);
    }),
  );
});

test('choices and what may go', () => {
  expect(choicesOf(ENTRIES)).toEqual({ models: ['starter', 'turbo'], adapters: ['clay'], kits: ['Acme'] });
  expect(usageOf(ENTRIES)).toEqual({ sizeBytes: 30, unmarked: { count: 1, sizeBytes: 10 } });
});

test('a range reaches from the anchor, in either direction, and keeps what was chosen elsewhere', () => {
  const order = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }));
  const first = toggle(NOTHING_SELECTED, 'e');
  const second = toggle(first, 'c');
  expect([...extendTo(second, order, 'a').ids].toSorted()).toEqual(['a', 'b', 'c', 'e']);
  expect([...extendTo(second, order, 'd').ids].toSorted()).toEqual(['c', 'd', 'e']);
  expect([...toggle(second, 'e').ids]).toEqual(['c']);
  expect([...extendTo(NOTHING_SELECTED, order, 'b').ids]).toEqual(['b']);
  const kept = keepOnly(second, order.slice(0, 3));
  expect([...kept.ids]).toEqual(['c']);
  expect(keepOnly(kept, order)).toBe(kept);
});
