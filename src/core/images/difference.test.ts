import { describe, expect, it } from 'vitest';
import { differenceOf } from './difference.ts';

const of = (...values: number[]) => Uint8ClampedArray.from(values);

describe('differenceOf', () => {
  it('is black where two are alike, brightened where not', () => {
    const { rgba, mean, changed } = differenceOf(
      of(10, 20, 30, 255, 0, 0, 0, 255),
      of(10, 20, 30, 9, 30, 0, 90, 255),
      4,
    );
    expect([...rgba]).toEqual([0, 0, 0, 255, 120, 0, 255, 255]);
    expect(mean).toBe(20);
    expect(changed).toBe(0.5);
  });

  it('counts what nobody notices as no change', () => {
    expect(differenceOf(of(100, 0, 0, 255), of(108, 0, 0, 255), 1)).toMatchObject({ changed: 0 });
    expect(differenceOf(of(), of(), 1)).toMatchObject({ mean: 0, changed: 0 });
    expect(() => differenceOf(of(1, 1, 1, 1), of(), 1)).toThrow(RangeError);
  });
});
