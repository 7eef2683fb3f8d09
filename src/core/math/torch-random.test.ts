import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TorchGenerator } from './torch-random.ts';

interface Stream {
  readonly seed: number;
  readonly draws: readonly { readonly length: number; readonly head: number[]; readonly tail: number[] }[];
}

const streams: Stream[] = JSON.parse(
  readFileSync(new URL('../sampling/goldens/torch-random.golden.json', import.meta.url), 'utf8'),
);

test.each(streams)('seed $seed gives the stream that torch gives, bit for bit', ({ seed, draws }) => {
  const generator = new TorchGenerator(seed);
  for (const { length, head, tail } of draws) {
    const found = generator.randn(length);
    expect(found).toHaveLength(length);
    const expected = [...head, ...tail];
    const told = [...found.slice(0, 48), ...found.slice(-20)];
    expect(told).toEqual(expected.map(Math.fround));
  }
});

test('equal seeds give equal numbers, neighbours do not', () => {
  expect(new TorchGenerator(5).randn(64)).toEqual(new TorchGenerator(5).randn(64));
  expect(new TorchGenerator(5).randn(64)).not.toEqual(new TorchGenerator(6).randn(64));
});

test('a million numbers have mean 0 and deviation 1', () => {
  const values = new TorchGenerator(1).randn(1_000_000);
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  expect(Math.abs(sum / values.length)).toBeLessThan(0.004);
  expect(Math.abs(squares / values.length - 1)).toBeLessThan(0.006);
});
