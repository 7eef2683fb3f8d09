import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from './any-text.test-data.ts';
import { expandPrompt, isDynamic, listNames, literalPrompt } from './expand.ts';

const LISTS: Record<string, string[]> = {
  animal: ['fox', 'owl'],
  place: ['a {red|blue} hill'],
  scene: ['__animal__ on __place__'],
  loop: ['x __loop__ __loop__'],
  empty: [],
};
const lines = (name: string) => LISTS[name] ?? null;
const at = (text: string, seed = 1) => expandPrompt(text, { seed, lines }).text;
const all = (text: string) => new Set(Array.from({ length: 200 }, (_, seed) => at(text, seed)));

describe('expandPrompt', () => {
  it.each([
    ['a {red|blue} fox', ['a red fox', 'a blue fox']],
    ['{a|{b|c}}', ['a', 'b', 'c']],
    ['{ a | b }', ['a', 'b']],
    ['{a|}', ['a', '']],
    ['{2$$a|b|c}', ['a, b', 'b, a', 'a, c', 'c, a', 'b, c', 'c, b']],
    ['{1-2$$a|b}', ['a', 'b', 'a, b', 'b, a']],
    ['{2$$ and $$a|b}', ['a and b', 'b and a']],
    ['{9$$a|b}', ['a, b', 'b, a']],
    ['{1$$a}', ['a']],
    ['{0::a|b}', ['b']],
    ['{[a|b]|c}', ['[a|b]', 'c']],
    ['{[a|b}', ['[a', 'b']],
    ['a __animal__', ['a fox', 'a owl']],
    ['__scene__', ['fox on a red hill', 'fox on a blue hill', 'owl on a red hill', 'owl on a blue hill']],
    ['{__animal__|cat}', ['fox', 'owl', 'cat']],
    [String.raw`\{a|b\} \__animal__ \_`, ['{a|b} __animal__ _']],
    [String.raw`{a\|b|c}`, ['a|b', 'c']],
    ['{a} {prompt} a|b } {', ['{a} {prompt} a|b } {']],
    ['snake__case ____ __ _x_', ['snake__case ____ __ _x_']],
    ['a__empty__b', ['ab']],
    ['(a:1.2) [b|c] <lora:x:1>', ['(a:1.2) [b|c] <lora:x:1>']],
  ])('makes of %j', (text, expected) => {
    expect(all(text)).toEqual(new Set(expected));
  });

  it('takes the same for the same seed, and about as often as the shares say', () => {
    expect(at('{a|b|c|d} __animal__', 7)).toBe(at('{a|b|c|d} __animal__', 7));
    const texts = Array.from({ length: 400 }, (_, seed) => at('{3::a|b}', seed));
    const share = texts.filter((text) => text === 'a').length / 400;
    expect(share).toBeGreaterThan(0.65);
    expect(share).toBeLessThan(0.85);
  });

  it('does not move the draws after a list that grew', () => {
    const [short, long] = [['a'], ['a', 'b', 'c']].map((list) =>
      expandPrompt('__x__ {1|2|3|4|5}', { seed: 3, lines: () => list }).text.at(-1),
    );
    expect(short).toBe(long);
  });

  it('says which lists there are not, and leaves them in the text', () => {
    expect(expandPrompt('__nope__ {__nope__|__nope__}', { seed: 1, lines })).toEqual({
      text: '__nope__ __nope__',
      unknown: ['nope'],
    });
  });

  it('ends for lists that name themselves and for bombs of braces', () => {
    expect(at('__loop__').length).toBeLessThanOrEqual(40_000);
    expect(at('{'.repeat(30_000)).length).toBe(30_000);
    expect(at('{a|'.repeat(5000) + '}'.repeat(5000)).length).toBeLessThanOrEqual(40_000);
  });

  it('never fails, and leaves alone what is not dynamic', () => {
    const syntax = fc.string({ unit: fc.constantFrom(...'{}|$_\\[]:2 ab'), maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(syntax, anyText()), fc.nat(), (text, seed) => {
        const expanded = at(text, seed);
        expect(at(text, seed)).toBe(expanded);
        if (!isDynamic(text)) expect(expanded).toBe(text);
      }),
    );
  });
});

it('names the lists a text asks for', () => {
  expect(listNames(String.raw`__a/b__ {__c d__|x} \__e__ __a/b__ __f`)).toEqual(['a/b', 'c d']);
});

it('writes a text so that it expands to itself', () => {
  const syntax = fc.string({ unit: fc.constantFrom(...'{}|$_[]:2 ab'), maxLength: 30 });
  fc.assert(
    fc.property(fc.oneof(syntax, anyText()), fc.nat(), (text, seed) => {
      fc.pre(!text.includes('\\'));
      expect(at(literalPrompt(text), seed)).toBe(text);
    }),
  );
  expect(literalPrompt('a fox, (sharp:1.2)')).toBe('a fox, (sharp:1.2)');
});
