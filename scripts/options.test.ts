import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOptions } from './options.mjs';
import { Sentence } from './sentence.mjs';

const TABLE = {
  seed: { kind: 'number', value: 'N', integer: true, min: 0, max: 10, help: '' },
  out: { kind: 'text', value: 'FILE', help: '' },
  size: { kind: 'size', help: '' },
  device: { kind: 'choice', of: ['auto', 'cpu'], help: '' },
  lora: { kind: 'text', value: 'FILE', many: true, help: '' },
  json: { kind: 'flag', help: '' },
} as const;

describe('readOptions', () => {
  it('reads both ways to give a value, and words between options', () => {
    const { words, options } = readOptions(['a', '--seed=3', 'b', '--out', 'x=y.png', '--json'], TABLE);
    expect(words).toEqual(['a', 'b']);
    expect(Object.fromEntries(options)).toEqual({ seed: 3, out: 'x=y.png', json: true });
  });

  it('takes everything after -- as words', () => {
    expect(readOptions(['--', '--seed', '-x'], TABLE).words).toEqual(['--seed', '-x']);
  });

  it('reads sizes', () => {
    expect(readOptions(['--size', '512x768'], TABLE).options.get('size')).toEqual({
      widthPx: 512,
      heightPx: 768,
    });
  });

  it('gathers what may be given several times', () => {
    const { options } = readOptions(['--lora', 'a', '--lora=b', '--out', 'x'], TABLE);
    expect(Object.fromEntries(options)).toEqual({ lora: ['a', 'b'], out: 'x' });
    expect(() => readOptions(['--out', 'a', '--out', 'b'], TABLE)).toThrow('given twice');
  });

  it('does not take inherited names for options', () => {
    expect(() => readOptions(['--constructor', 'x'], TABLE)).toThrow(Sentence);
    expect(() => readOptions(['--__proto__'], TABLE)).toThrow(Sentence);
  });

  it('answers any command line with options or one line of text, never a bug', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('--seed', '--out', '--size', '--device', '--json', '--'),
    );
    fc.assert(
      fc.property(fc.array(word), (args) => {
        try {
          readOptions(args, TABLE);
        } catch (error) {
          expect(error).toBeInstanceOf(Sentence);
        }
      }),
    );
  });
});
