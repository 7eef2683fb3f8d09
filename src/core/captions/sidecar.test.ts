import { expect, test } from 'vitest';
import { sidecarPath, sidecars, withTrigger } from './sidecar.ts';

test('a caption lies beside its picture', () => {
  expect(sidecarPath('a.png')).toBe('a.txt');
  expect(sidecarPath('in/a.b.jpeg')).toBe('in/a.b.txt');
  expect(sidecarPath('in.d/plain')).toBe('in.d/plain.txt');
  expect(sidecarPath('.hidden')).toBe('.hidden.txt');
});

test('the trigger word stands first and once', () => {
  expect(withTrigger('sks', ' a red apple ')).toBe('sks, a red apple');
  expect(withTrigger('sks', 'sks, a red apple')).toBe('sks, a red apple');
  expect(withTrigger('sks', '')).toBe('sks');
  expect(withTrigger(' ', 'a')).toBe('a');
});

test('two pictures of one name are told, and the first keeps its caption', () => {
  const made = sidecars(
    [
      { path: 'a.png', text: 'one' },
      { path: 'a.jpg', text: 'two' },
      { path: 'b.png', text: 'three' },
    ],
    'sks',
  );
  expect(made.files).toEqual([
    { path: 'a.txt', text: 'sks, one\n' },
    { path: 'b.txt', text: 'sks, three\n' },
  ]);
  expect(made.clashes).toEqual(['a.png', 'a.jpg']);
});
