import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from './any-text.test-data.ts';
import { MAX_WEIGHT, parseWeights } from './weights.ts';

/** `text@weight` with the weight to four places, `|` for a break. */
const show = (prompt: string) =>
  parseWeights(prompt).map((s) => (s.kind === 'break' ? '|' : `${s.text}@${Number(s.weight.toFixed(4))}`));

const escape = (text: string) => text.replace(/[()[\]\\]/g, String.raw`\$&`);

describe('parseWeights', () => {
  it("reads the field's own example", () => {
    expect(show('a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).')).toEqual([
      'a @1',
      'house@1.573',
      ' @1.1',
      'on@1',
      ' a @1.1',
      'hill@0.55',
      ', sun, @1.1',
      'sky@1.4641',
      '.@1.1',
    ]);
  });

  it.each([
    ['', []],
    ['fox', ['fox@1']],
    ['(fox)', ['fox@1.1']],
    ['[[fox]]', ['fox@0.8264']],
    ['(fox:1.5) den', ['fox@1.5', ' den@1']],
    ['(fox : 1.5 )', ['fox @1.5']],
    ['(fox:-.5)', ['fox@-0.5']],
    ['(fox:+2.)', ['fox@2']],
    ['(fox:0)', ['fox@0']],
    ['(fox:1.2.3)', ['fox:1.2.3@1.1']],
    ['(fox:red)', ['fox:red@1.1']],
    ['fox:1.5)', ['fox:1.5)@1']],
    ['fox) den]', ['fox) den]@1']],
    ['(fox [den', ['fox @1.1', 'den@1']],
    ['(a [b) c]', ['a @1.1', 'b@1', ' c@0.9091']],
    [String.raw`\(fox\) \[den\] \\ (hill\):2)`, [String.raw`(fox) [den] \ @1`, 'hill)@2']],
    [String.raw`c:\dir \n \ `, [String.raw`c:\dir \n \ @1`]],
    ['()[]', []],
    ['(a)(b)', ['ab@1.1']],
  ])('reads %j', (prompt, expected) => {
    expect(show(prompt)).toEqual(expected);
  });

  it.each([
    ['fox BREAK den', ['fox@1', '|', 'den@1']],
    ['BREAK', ['|']],
    [' fox ', [' fox @1']],
    [' fox \n BREAK \n den ', [' fox@1', '|', 'den @1']],
    ['fox,\nBREAK\nBREAK(den)', ['fox,@1', '|', '|', 'den@1.1']],
    ['(fox BREAK den:1.5)', ['fox@1.5', '|', 'den@1.5']],
    ['OUTBREAK BREAKS break BREAK_', ['OUTBREAK BREAKS break BREAK_@1']],
    ['ÉBREAK', ['ÉBREAK@1']],
  ])('breaks %j', (prompt, expected) => {
    expect(show(prompt)).toEqual(expected);
  });

  it('stops counting brackets at its depth, and weights at their limit', () => {
    const deep = `${'('.repeat(50)}x${')'.repeat(50)} y`;
    expect(show(deep)).toEqual([`x@${Number((1.1 ** 20).toFixed(4))}`, ' y@1']);
    expect(show('((x:99999):99999)')).toEqual([`x@${MAX_WEIGHT}`]);
    expect(show('(x:-99999)')).toEqual([`x@${-MAX_WEIGHT}`]);
  });

  it('reads a bomb of brackets into no more segments than characters', () => {
    expect(parseWeights('('.repeat(100_000))).toEqual([]);
    expect(parseWeights(`${'(a'.repeat(50_000)}`).length).toBeLessThanOrEqual(50_000);
    expect(parseWeights(`(${': '.repeat(50_000)}`).length).toBe(1);
  });

  it('weighs every character of any nesting by the product of the brackets around it', () => {
    interface Tree {
      open: string;
      close: string;
      factor: number;
      children: (string | Tree)[];
    }
    const word = fc.string({
      unit: fc.constantFrom('a', 'b', ' ', ',', '(', ')', '[', ']', '\\', 'é', '🦊'),
      maxLength: 6,
    });
    const bracket = fc.constantFrom(
      { open: '(', close: ')', factor: 1.1 },
      { open: '[', close: ']', factor: 1 / 1.1 },
      { open: '(', close: ':0.5)', factor: 0.5 },
      { open: '(', close: ':1.25)', factor: 1.25 },
    );
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc
        .tuple(bracket, fc.array(fc.oneof({ maxDepth: 4 }, word, tie('tree')), { maxLength: 4 }))
        .map(([b, children]) => ({ ...b, children })),
    }));
    const print = (node: string | Tree): string =>
      typeof node === 'string'
        ? escape(node)
        : `${node.open}${node.children.map(print).join('')}${node.close}`;
    const weigh = (node: string | Tree, weight: number): [string, number][] =>
      typeof node === 'string'
        ? [...node].map((c) => [c, weight])
        : node.children.flatMap((child) => weigh(child, weight * node.factor));

    fc.assert(
      fc.property(tree, (node) => {
        const expected = weigh(node, 1);
        const actual = parseWeights(print(node)).flatMap((s): [string, number][] =>
          s.kind === 'break' ? [] : [...s.text].map((c) => [c, s.weight]),
        );
        expect(actual.map(([c]) => c).join('')).toBe(expected.map(([c]) => c).join(''));
        const isClose = expected.every(([, weight], i) => Math.abs(actual[i]![1] - weight) < 1e-9 * weight);
        expect(isClose).toBe(true);
      }),
    );
  });

  it('never fails, and loses nothing but syntax', () => {
    const syntax = fc.string({ unit: fc.constantFrom(...'()[]\\:.12- ab'), maxLength: 60 });
    fc.assert(
      fc.property(fc.oneof(syntax, anyText()), (prompt) => {
        const segments = parseWeights(prompt);
        const text = segments.map((s) => (s.kind === 'text' ? s.text : '')).join('');
        // What remains is a subsequence of what was given.
        let at = 0;
        for (const unit of prompt) if (text.startsWith(unit, at)) at += unit.length;
        expect(at).toBe(text.length);
        expect(segments.every((s) => s.kind === 'break' || Number.isFinite(s.weight))).toBe(true);
        const words = prompt.match(/[ab]/g)?.join('') ?? '';
        expect(text.match(/[ab]/g)?.join('') ?? '').toBe(words);
      }),
    );
  });
});
