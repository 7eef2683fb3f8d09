import { expect, test } from 'vitest';
import { newTokenId, replaceWord, says, vectorIndex, withNewWords } from './new-words.ts';

/** A vocabulary of words in the order in which they are met. */
function vocabulary() {
  const known: string[] = [];
  return (text: string) =>
    (text.toLowerCase().match(/\p{L}+|[^\p{L}\s]/gu) ?? []).map((word) => {
      if (!known.includes(word)) known.push(word);
      return 100 + known.indexOf(word);
    });
}

const words = [
  { text: 'ink', firstId: newTokenId(0), vectors: 1 },
  { text: 'ink-wash', firstId: newTokenId(1), vectors: 3 },
  { text: '<kiln>', firstId: newTokenId(4), vectors: 2 },
];

test('a new word becomes its tokens, in any letters, wherever it stands alone', () => {
  const encode = withNewWords(vocabulary(), words);
  expect(encode('a cat, INK')).toEqual([100, 101, 102, -1]);
  expect(encode('Ink-Wash a cat')).toEqual([-2, -3, -4, 100, 101]);
  expect(encode('a cat<kiln>dog')).toEqual([100, 101, -5, -6, 103]);
  expect([-1, -4].map(vectorIndex)).toEqual([0, 3]);
  expect(vectorIndex(100)).toBeNull();
});

test('a part of a longer word is none', () => {
  const encode = vocabulary();
  expect(withNewWords(encode, words)('pink inkling')).toEqual(encode('pink inkling'));
  expect(says('a drink', 'ink')).toBe(false);
  expect(says('in ink.', 'ink')).toBe(true);
  expect(says('İ ink', 'ink')).toBe(true);
  expect(says('', 'ink')).toBe(false);
});

test('no words, no difference', () => {
  const encode = vocabulary();
  expect(withNewWords(encode, [])('a red house')).toEqual(encode('a red house'));
  expect(withNewWords(encode, words)('')).toEqual(encode(''));
});

test('a word gives way to another wherever it is said, and nowhere else', () => {
  expect(replaceWord('Ink, (ink:1.2) and inkwell', 'ink', 'wash')).toBe('wash, (wash:1.2) and inkwell');
  expect(replaceWord('a embedding:x/ink.pt, b', 'embedding:x/ink.pt', 'ink')).toBe('a ink, b');
  expect(replaceWord('no such word', 'ink', 'wash')).toBe('no such word');
});
