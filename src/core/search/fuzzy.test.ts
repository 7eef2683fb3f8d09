import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '#core/prompt/any-text.test-data.ts';
import { fuzzyScore, rank } from './fuzzy.ts';

const TITLES = [
  'Generate',
  'Older picture',
  'Upscale 2×',
  'Light theme',
  'Dark theme',
  'Theme of the system',
  'Use its settings',
  'Sampler: DPM++ 2M',
  'Sampler: Euler a',
  'Café crème',
];
const find = (query: string) => rank(query, TITLES, (title) => title, 3);

describe('rank', () => {
  it.each([
    ['gen', 'Generate'],
    ['the', 'Theme of the system'],
    ['dark', 'Dark theme'],
    ['dt', 'Dark theme'],
    ['theme dark', 'Dark theme'],
    ['dpm 2m', 'Sampler: DPM++ 2M'],
    ['eul', 'Sampler: Euler a'],
    ['cafe creme', 'Café crème'],
    ['settings', 'Use its settings'],
  ])('finds for %j first %j', (query, title) => {
    expect(find(query)[0]).toBe(title);
  });

  it('does not take letters that lie anywhere for a name', () => {
    expect(find('thl')).toEqual([]);
    expect(find('xyz')).toEqual([]);
  });

  it('lists all, in their order, for nothing', () => {
    expect(rank('', TITLES, (title) => title, 99)).toEqual(TITLES);
    expect(rank(' … ', TITLES, (title) => title, 99)).toEqual(TITLES);
  });
});

it('finds every text by its own beginning, and never fails', () => {
  fc.assert(
    fc.property(anyText(), anyText(6), (text, query) => {
      expect(fuzzyScore(text.slice(0, 100), text)).not.toBeNull();
      expect(fuzzyScore(query, text) ?? 0).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 50 },
  );
});
