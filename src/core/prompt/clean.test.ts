import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from './any-text.test-data.ts';
import { cleanPrompt, MAX_PROMPT_CHARACTERS, MAX_RUN_CHARACTERS } from './clean.ts';

const clean = (text: string) => cleanPrompt(text, 'prompt').text;

describe('cleanPrompt', () => {
  it('leaves an ordinary prompt alone', () => {
    const text = 'a red fox, (sharp:1.2)\nBREAK [dawn|dusk] 狐 🦊';
    expect(cleanPrompt(text, 'prompt')).toEqual({ text, notice: null });
  });

  it('composes, and drops what cannot be seen', () => {
    expect(clean('cafe\u0301')).toBe('caf\u00e9');
    expect(clean('a\u0000b\u001b[31mc\u007fd\u0085e')).toBe('ab[31mcde');
    expect(clean('in\u202everted\u202c \u2066x\u2069\u200f\u061c')).toBe('inverted x');
    expect(clean('one\r\ntwo\rthree\u2028four\tfive')).toBe('one\ntwo\nthree\nfour five');
    expect(cleanPrompt('\u0007\u202e', 'prompt').notice).toBeNull();
  });

  it('keeps joined emoji whole and mends half a surrogate pair', () => {
    expect(clean('👩‍🚀 flies')).toBe('👩‍🚀 flies');
    expect(clean('x\ud83dy')).toBe('x\ufffdy');
  });

  it.each([
    ['a million letters', 'x'.repeat(1_000_000)],
    ['brackets', '('.repeat(100_000)],
    ['joined emoji', '👩‍🚀\u200d'.repeat(100_000)],
    ['combining marks out of order', '\u0316\u0301'.repeat(500_000)],
    ['marks that expand', '\ufb2c'.repeat(100_000)],
    ['words', 'word '.repeat(200_000)],
  ])('bounds a bomb of %s and says so', (_, bomb) => {
    const { text, notice } = cleanPrompt(bomb, 'negative');
    expect(text.length).toBeLessThanOrEqual(MAX_PROMPT_CHARACTERS);
    for (const run of text.split(/\s/u)) expect([...run].length).toBeLessThanOrEqual(MAX_RUN_CHARACTERS);
    expect(notice).toEqual({
      code: 'prompt-cut',
      where: 'negative',
      keptCharacters: text.length,
      givenCharacters: bomb.length,
    });
  });

  it('cuts at the limit and not before it', () => {
    const fits = 'ab '.repeat(5000).slice(0, MAX_PROMPT_CHARACTERS);
    expect(cleanPrompt(fits, 'prompt')).toEqual({ text: fits, notice: null });
    expect(clean(`${fits}c`)).toBe(fits);
    const pair = `${fits.slice(0, -1)}🦊`;
    expect(clean(pair)).toBe(fits.slice(0, -1));
    const run = 'y'.repeat(MAX_RUN_CHARACTERS);
    expect(clean(`${run} z`)).toBe(`${run} z`);
    expect(clean(`${run}yy z`)).toBe(`${run} z`);
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyText(3000), (given) => {
        const once = clean(given);
        expect(clean(once)).toBe(once);
        expect(once.isWellFormed()).toBe(true);
        expect(once).toBe(once.normalize('NFC'));
      }),
    );
  });
});
