import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { type BlindTest, blindCsv, blindJson } from './blind-test.ts';
import { planPairs } from './pairs.ts';
import { signTest, tally, wilson } from './tally.ts';

describe('tally', () => {
  it('counts, with an interval and a test', () => {
    expect(tally([])).toMatchObject({ votes: 0, share: null, interval: null, chance: null });
    const votes = [...Array(8).fill('a'), ...Array(2).fill('b'), 'tie', 'neither'];
    expect(tally(votes)).toMatchObject({ a: 8, b: 2, ties: 1, neither: 1, votes: 12, share: 0.8 });
  });

  // Values of R 4: binom.test and prop.test(correct = FALSE).
  it.each([
    [8, 10, 0.4901625, 0.943_317_8],
    [0, 5, 0, 0.434_481_6],
    [50, 100, 0.403_831_5, 0.596_168_5],
  ])('has Wilson’s interval of %i of %i', (successes, trials, low, high) => {
    expect(wilson(successes, trials).low).toBeCloseTo(low, 4);
    expect(wilson(successes, trials).high).toBeCloseTo(high, 4);
  });

  it.each([
    [8, 2, 0.109_375],
    [5, 5, 1],
    [10, 0, 0.001_953_125],
    [1, 0, 1],
    [60, 40, 0.056_887_9],
  ])('tests %i against %i', (a, b, chance) => {
    expect(signTest(a, b)).toBeCloseTo(chance, 6);
    expect(signTest(b, a)).toBeCloseTo(chance, 6);
  });

  it('always holds the share within its interval', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 200 }), (some, more) => {
        const { low, high } = wilson(some, some + more);
        const share = some / (some + more);
        expect(low).toBeLessThanOrEqual(share + 1e-12);
        expect(high).toBeGreaterThanOrEqual(share - 1e-12);
      }),
    );
  });
});

describe('planPairs', () => {
  it('has each prompt with each seed once, sides even, and the same for the same seed', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 }),
        fc.uniqueArray(fc.nat(99), { minLength: 1, maxLength: 6 }),
        fc.integer(),
        (prompts, seeds, shuffleSeed) => {
          const pairs = planPairs(prompts, seeds, shuffleSeed);
          const keys = new Set(pairs.map(({ prompt, seed }) => JSON.stringify([prompt, seed])));
          expect(keys.size).toBe(prompts.length * seeds.length);
          const lefts = pairs.filter(({ left }) => left === 'a').length;
          expect(Math.abs(2 * lefts - pairs.length)).toBeLessThanOrEqual(1);
          expect(planPairs(prompts, seeds, shuffleSeed)).toEqual(pairs);
        },
      ),
    );
  });

  it('is in another order for another seed', () => {
    const prompts = Array.from({ length: 12 }, (_, k) => `p${k}`);
    expect(planPairs(prompts, [1, 2], 1)).not.toEqual(planPairs(prompts, [1, 2], 2));
  });
});

describe('files', () => {
  const request = { prompt: 'a, "b"', steps: 2 } as GenerateRequest;
  const test: BlindTest = {
    id: 'x',
    createdAt: 0,
    names: { a: '2 steps', b: '=SUM(A1)' },
    isRevealed: true,
    pairs: [{ prompt: 'a, "b"\nc', seed: 7, left: 'b', requests: { a: request, b: request }, vote: 'b' }],
  };

  it('quotes what needs it, and writes no formula', () => {
    const [head, ...rest] = blindCsv(test).split('\r\n');
    expect(head).toBe('pair,prompt,seed,left,vote,winner,request_a,request_b');
    expect(rest.join('')).toMatch(/^1,"a, ""b""\nc",7,'=SUM\(A1\),b,'=SUM\(A1\),"\{/);
  });

  it('holds both requests of each pair', () => {
    expect(JSON.parse(blindJson(test))).toMatchObject({
      format: 1,
      tally: { b: 1 },
      pairs: [{ requests: { a: { steps: 2 }, b: { steps: 2 } } }],
    });
  });
});
