import { describe, expect, it } from 'vitest';
import { composePrompts, unknownLists, type Written } from './compose.ts';
import { listNames } from './expand.ts';
import { linesOf, listLookup, listName } from './word-list.ts';

const INK = { name: 'Ink', prompt: 'ink of {prompt}', negativePrompt: 'photo' };
const LATE = { name: 'Late', prompt: 'evening', negativePrompt: '' };
const lines = listLookup([
  { name: 'Animal', text: '# beasts\nfox\n\n owl \n__colour__ cat' },
  { name: 'colour', text: 'red' },
  { name: 'broken', text: '__gone__' },
]);
const written = (prompt: string, styles: Written['styles'] = []): Written => ({
  prompt,
  negativePrompt: 'mist',
  styles,
});

describe('composePrompts', () => {
  it('leaves plain words as they are, and says nothing of them', () => {
    expect(composePrompts(written('a fox'), [1, 2], lines)).toEqual({
      prompt: 'a fox',
      negativePrompt: 'mist',
    });
  });

  it('puts styles around both prompts and remembers what was written', () => {
    expect(composePrompts(written('a fox', [INK, LATE]), [1], lines)).toEqual({
      prompt: 'ink of a fox, evening',
      negativePrompt: 'mist, photo',
      template: { prompt: 'a fox', negativePrompt: 'mist', styles: ['Ink', 'Late'] },
    });
  });

  it('gives each picture the text that its seed alone would have', () => {
    const seeds = Array.from({ length: 16 }, (_, k) => 100 + k);
    const all = composePrompts(written('a __animal__ {a|b|c}'), seeds, lines);
    expect(new Set(all.prompts!.map(({ prompt }) => prompt)).size).toBeGreaterThan(3);
    for (const [k, seed] of seeds.entries()) {
      expect(composePrompts(written('a __animal__ {a|b|c}'), [seed], lines).prompt).toBe(
        all.prompts![k]!.prompt,
      );
    }
    expect(all.prompt).toBe(all.prompts![0]!.prompt);
    expect(all.template!.prompt).toBe('a __animal__ {a|b|c}');
  });

  it('asks for nothing where there are no words', () => {
    expect(composePrompts(written('', [INK]), [1], lines).prompt).toBe('');
  });
});

it('finds the lists that are missing, through lists and styles too', () => {
  const style = { ...LATE, prompt: '__nowhere__' };
  expect(unknownLists(written('__animal__ __broken__ __Animal__', [style]), lines, listNames)).toEqual(
    expect.arrayContaining(['gone', 'nowhere']),
  );
  expect(unknownLists(written('__animal__'), lines, listNames)).toEqual([]);
});

it('reads lines and names', () => {
  expect(linesOf('a\r\n# b\r c \n\n')).toEqual(['a', 'c']);
  expect(listName('colours/warm (new).txt')).toBe('colours/warm -new');
  expect(listName('__x__.txt')).toBe('x');
  expect(listName('…')).toBe('');
});
