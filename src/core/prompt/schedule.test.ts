import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { promptAt, promptSteps } from './schedule.ts';
import { parseWeights } from './weights.ts';

/** `text<untilStep` */
const spans = (prompt: string, steps = 10) =>
  promptSteps(prompt, steps).map((s) => `${s.text}<${s.untilStep}`);

describe('promptSteps', () => {
  it.each([
    ['fox', ['fox<10']],
    ['', ['<10']],
    ['a [fox:cat:4] b', ['a fox b<4', 'a cat b<10']],
    ['a [fox:4]', ['a <4', 'a fox<10']],
    ['a [fox::4]', ['a fox<4', 'a <10']],
    ['[fox: cat : 4 ]', ['fox<4', ' cat <10']],
    ['[fox:cat:0.25]', ['fox<2', 'cat<10']],
    ['[fox:cat:.5]', ['fox<5', 'cat<10']],
    ['[fox:cat:1.0]', ['fox<10']],
    ['[fox:cat:1]', ['fox<1', 'cat<10']],
    ['[fox:cat:0]', ['cat<10']],
    ['[fox:cat:-3]', ['cat<10']],
    ['[fox:cat:99]', ['fox<10']],
    ['[a:[b:c:6]:3] d', ['a d<3', 'b d<6', 'c d<10']],
    ['[[a:b:2]:c:5]', ['a<2', 'b<5', 'c<10']],
    ['[x:x:5]', ['x<10']],
  ])('resolves %j', (prompt, expected) => {
    expect(spans(prompt)).toEqual(expected);
  });

  it('takes turns, one step each', () => {
    expect(spans('[a|b|c] d', 4)).toEqual(['a d<1', 'b d<2', 'c d<3', 'a d<4']);
    expect(spans('fe[|]male', 3)).toEqual(['female<3']);
    expect(spans('[fe|]male', 3)).toEqual(['female<1', 'male<2', 'female<3']);
    expect(spans('[[a|b]:c:2]', 4)).toEqual(['a<1', 'b<2', 'c<4']);
    expect(spans('[[a:b:2]|c]', 4)).toEqual(['a<1', 'c<2', 'b<3', 'c<4']);
  });

  it.each([
    'plain [emphasis] and (more:1.2)',
    '[a:b]',
    '[a:b:c:3]',
    '[a:b:when]',
    '[a|b:3]',
    '[a:b:[3]]',
    '[open:at:0.5',
    'shut:at:0.5]',
    '[crossed (a:b:0.5]',
    '[crossed ) a:b:0.5]',
    String.raw`\[a:b:0.5\]`,
    String.raw`\[a|b\]`,
    'a | b : c',
    '(a|b)',
    'trailing \\',
  ])('leaves %j as text', (prompt) => {
    expect(spans(prompt)).toEqual([`${prompt}<10`]);
  });

  it('finds a schedule among stray brackets', () => {
    expect(spans('((x][:y:z [w:3]')).toEqual(['((x][:y:z <3', '((x][:y:z w<10']);
    expect(spans('[[[b]]:2]')).toEqual(['<2', '[[b]]<10']);
  });

  it('is resolved before emphasis, whose colon is its own', () => {
    expect(spans('[(a:2):(b:0.5):3]')).toEqual(['(a:2)<3', '(b:0.5)<10']);
    expect(spans('([a:b:3]:1.4)')).toEqual(['(a:1.4)<3', '(b:1.4)<10']);
    expect(parseWeights(promptAt('([a:b:3]:1.5) [c|(d)]', 4, 10))).toEqual([
      { kind: 'text', text: 'b', weight: 1.5 },
      { kind: 'text', text: ' c', weight: 1 },
    ]);
    expect(spans(String.raw`[a\:b\]:c:3]`)).toEqual([String.raw`a\:b\]<3`, 'c<10']);
  });

  it('agrees with promptAt at every step, and conserves what is not syntax', () => {
    const prompt = fc.string({
      unit: fc.constantFrom('[', ']', '(', ')', ':', '|', '3', '.', 'a', 'b', '\\'),
      maxLength: 40,
    });
    fc.assert(
      fc.property(prompt, fc.integer({ min: 1, max: 12 }), (text, steps) => {
        const list = promptSteps(text, steps);
        let from = 0;
        for (const span of list) {
          expect(span.untilStep).toBeGreaterThan(from);
          for (let step = from; step < span.untilStep; step++)
            expect(promptAt(text, step, steps)).toBe(span.text);
          from = span.untilStep;
        }
        expect(from).toBe(steps);
        if (!/[:|]/.test(text)) expect(list[0]!.text).toBe(text);
      }),
    );
  });

  it('stays as short as the prompt, however it nests', () => {
    const bombs = [
      '['.repeat(5000),
      '[a:'.repeat(3000),
      `${'['.repeat(3000)}x${':2]'.repeat(2000)}`,
      '[a|b]'.repeat(2000),
    ];
    for (const bomb of bombs) {
      const list = promptSteps(bomb, 50);
      expect(list.length).toBeLessThanOrEqual(50);
      for (const span of list) expect(span.text.length).toBeLessThanOrEqual(bomb.length);
    }
    expect(spans(`${'['.repeat(30)}a:b:3${']'.repeat(30)}`)).toHaveLength(1);
  });

  it('refuses steps that are none', () => {
    for (const steps of [0, -1, 1.5, Number.NaN]) expect(() => promptSteps('a', steps)).toThrow(RangeError);
    for (const step of [-1, 5, 0.5]) expect(() => promptAt('a', step, 5)).toThrow(RangeError);
  });
});
