import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nudgeWeight } from './nudge-weight.ts';
import { parseWeights } from './weights.ts';

/** `‹` and `›` mark the selection, `|` the cursor. */
function nudge(marked: string, direction: 1 | -1): string | null {
  const start = marked.search(/[‹|]/);
  const plain = marked.replace(/[‹›|]/g, '');
  const end = marked.includes('›') ? marked.indexOf('›') - 1 : start;
  const edit = nudgeWeight(plain, { start, end }, direction);
  if (edit === null) return null;
  const text = plain.slice(0, edit.start) + edit.text + plain.slice(edit.end);
  return `${text.slice(0, edit.selectStart)}‹${text.slice(edit.selectStart, edit.selectEnd)}›${text.slice(edit.selectEnd)}`;
}

describe('nudgeWeight', () => {
  it.each([
    ['a red fo|x', 1, 'a red (‹fox›:1.1)'],
    ['a ‹red fox› den', 1, 'a (‹red fox›:1.1) den'],
    ['a ‹ red › fox', -1, 'a  (‹red›:0.9)  fox'],
    ['(fo|x:1.1)', 1, '(‹fox›:1.2)'],
    ['(fo|x:1.1)', -1, '‹fox›'],
    ['(red fo|x:0.9) den', 1, '‹red fox› den'],
    ['‹(fox:1.25)›', 1, '(‹fox›:1.35)'],
    ['a ca|fé', 1, 'a (‹café›:1.1)'],
    ['(fo|x)', 1, '((‹fox›:1.1))'],
    ['(a:1.2) fo|x', 1, '(a:1.2) (‹fox›:1.1)'],
    [String.raw`\(fo|x:1.1)`, 1, String.raw`\((‹fox›:1.1):1.1)`],
    ['a  |  b', 1, null],
    ['|', 1, null],
    ['(fo|x:2)', 1, null],
    ['(fo|x:0)', -1, null],
  ] as const)('makes of %j by %d', (marked, direction, expected) => {
    expect(nudge(marked, direction)).toBe(expected);
  });

  it('weighs what was selected and nothing else, and comes back', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abcé'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), fc.nat(4), (words, pick) => {
        const k = pick % words.length;
        const text = words.join(' ');
        const start = words.slice(0, k).join(' ').length + (k === 0 ? 0 : 1);
        const up = nudgeWeight(text, { start, end: start }, 1)!;
        const after = text.slice(0, up.start) + up.text + text.slice(up.end);
        const heavy = parseWeights(after).filter((s) => s.kind === 'text' && s.weight === 1.1);
        expect(heavy).toEqual([{ kind: 'text', text: words[k], weight: 1.1 }]);
        const down = nudgeWeight(after, { start: up.selectStart, end: up.selectEnd }, -1)!;
        expect(after.slice(0, down.start) + down.text + after.slice(down.end)).toBe(text);
      }),
    );
  });
});
