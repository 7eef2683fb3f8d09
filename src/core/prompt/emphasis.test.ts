import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emphasise } from './emphasis.ts';

const floats = (...values: number[]) => Float32Array.from(values);
const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length;

describe('emphasise', () => {
  it('multiplies, then brings the mean back', () => {
    // Two tokens of width 2, mean 2.5. Weighted by 1 and 2: 1 2 6 8, mean 4.25. Rescaled by 2.5 / 4.25.
    const embeddings = floats(1, 2, 3, 4);
    emphasise(embeddings, floats(1, 2), { window: 2 });
    const scale = 2.5 / 4.25;
    for (const [i, value] of [1, 2, 6, 8].entries()) expect(embeddings[i]).toBeCloseTo(value * scale, 6);
  });

  it('only multiplies when told to', () => {
    const embeddings = floats(1, -2, 3, 4, 5, 6);
    emphasise(embeddings, floats(1, 0.5, -2), { window: 3, emphasis: 'no-norm' });
    expect(Array.from(embeddings)).toEqual([1, -2, 1.5, 2, -10, -12]);
  });

  it('keeps windows apart', () => {
    const embeddings = floats(1, 2, 3, 4);
    emphasise(embeddings, floats(1, 1, 1, 2), { window: 2 });
    expect(Array.from(embeddings.subarray(0, 2))).toEqual([1, 2]);
    // 3 and 8, mean 5.5; their mean was 3.5.
    expect(embeddings[2]).toBeCloseTo((3 * 3.5) / 5.5, 6);
    expect(embeddings[3]).toBeCloseTo((8 * 3.5) / 5.5, 6);
  });

  it.each([
    ['was zero', [1, -1, 2, -2], [1, 3], [1, -1, 6, -6]],
    ['becomes zero', [1, 1, 1, 1], [1, -1], [1, 1, -1, -1]],
    ['changes sign', [1, 1, 2, 2], [1, -2], [1, 1, -4, -4]],
    ['is all there is', [0, 0, 0, 0], [1, 2], [0, 0, 0, 0]],
    ['would be weighed away', [1, 1, 1, 1], [0, 0], [0, 0, 0, 0]],
  ])('does not rescale where the mean %s', (_, given, weights, expected) => {
    const embeddings = floats(...given);
    emphasise(embeddings, floats(...weights), { window: 2 });
    expect(Array.from(embeddings, (x) => x + 0)).toEqual(expected);
  });

  it('touches no bit when every weight is 1', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 12, maxLength: 12 }), (given) => {
        const bits = new Uint32Array(given.slice().buffer);
        emphasise(given, floats(1, 1, 1, 1), { window: 2 });
        expect(new Uint32Array(given.buffer, given.byteOffset, given.length)).toEqual(bits);
      }),
    );
  });

  it('keeps the mean for any positive weights and positive embeddings', () => {
    const value = fc.float({ min: Math.fround(0.01), max: 100, noNaN: true });
    const weight = fc.float({ min: Math.fround(0.1), max: 10, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 12, maxLength: 12 }),
        fc.array(weight, { minLength: 4, maxLength: 4 }),
        (values, weights) => {
          const embeddings = floats(...values);
          emphasise(embeddings, floats(...weights), { window: 4 });
          expect(mean(embeddings) / mean(floats(...values))).toBeCloseTo(1, 4);
        },
      ),
    );
  });

  it('refuses lengths that do not fit', () => {
    expect(() => emphasise(new Float32Array(7), new Float32Array(2), { window: 2 })).toThrow(RangeError);
    expect(() => emphasise(new Float32Array(8), new Float32Array(4), { window: 3 })).toThrow(RangeError);
  });
});
