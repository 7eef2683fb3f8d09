import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractTags, formatLoraTag, readLoraTag } from './tags.ts';

const loras = (prompt: string) => extractTags(prompt).tags.map(readLoraTag);

describe('extractTags', () => {
  it('takes tags out and leaves the rest as it stands', () => {
    const { text, tags } = extractTags('a fox <lora:ink wash:0.8>, <hypernet:x:0.5:dyn=3>den');
    expect(text).toBe('a fox , den');
    expect(tags).toEqual([
      { kind: 'lora', positional: ['ink wash', '0.8'], named: new Map() },
      { kind: 'hypernet', positional: ['x', '0.5'], named: new Map([['dyn', '3']]) },
    ]);
  });

  it.each(['a < b > c', '<lora>', '<:x>', 'x <3 you: >', '<lora:', '<b onerror=alert(1)>'])(
    'leaves %j alone',
    (prompt) => {
      expect(extractTags(prompt)).toEqual({ text: prompt, tags: [] });
    },
  );

  it('keeps hostile names as text', () => {
    const { tags } = extractTags('<__proto__:constructor=1:__proto__=2>');
    expect([...tags[0]!.named]).toEqual([
      ['constructor', '1'],
      ['__proto__', '2'],
    ]);
  });

  it('conserves what is not a tag', () => {
    const piece = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'ab :>='), maxLength: 5 }).map((text) => [text, text] as const),
      fc.constantFrom(['<lora:a>', ''] as const, ['<lora:b:1:unet=2>', ''] as const),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const { text, tags } = extractTags(pieces.map(([given]) => given).join(''));
        expect(text).toBe(pieces.map(([, kept]) => kept).join(''));
        expect(tags.length).toBe(pieces.filter(([given]) => given.startsWith('<')).length);
      }),
    );
  });
});

describe('readLoraTag', () => {
  it.each([
    ['<lora:ink>', 1, 1],
    ['<lora:ink:0.8>', 0.8, 0.8],
    ['<lora:ink:0.8:.5>', 0.8, 0.5],
    ['<lora:ink:unet=0.5>', 1, 0.5],
    ['<lora:ink:te=-1:unet=2>', -1, 2],
  ])('reads %s', (prompt, textWeight, denoiserWeight) => {
    expect(loras(prompt)).toEqual([{ name: 'ink', textWeight, denoiserWeight }]);
  });

  it.each([
    '<lora:ink:strong>',
    '<lora:ink:>',
    '<lora: :1>',
    '<lora:te=1>',
    '<lyco:ink:1>',
    '<lora:ink:1e400>',
  ])('refuses %s', (prompt) => {
    expect(loras(prompt)).toEqual([null]);
  });
});

it.each([
  [{ name: 'ink', textWeight: 0.5, denoiserWeight: 0.5 }, '<lora:ink:0.5>'],
  [{ name: 'ink wash', textWeight: 1, denoiserWeight: -0.25 }, '<lora:ink wash:1:-0.25>'],
])('writes %o as it is read', (tag, text) => {
  expect(formatLoraTag(tag)).toBe(text);
  expect(extractTags(`a ${text}`).tags.map(readLoraTag)).toEqual([tag]);
});
