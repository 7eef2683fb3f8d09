import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from './any-text.test-data.ts';
import { formatStyles, parseStyles, styleProblem } from './styles.ts';

const read = (csv: string) => {
  const result = parseStyles(csv);
  return result.ok ? result.styles.map((s) => [s.name, s.prompt, s.negativePrompt]) : result.reason;
};

describe('parseStyles', () => {
  it.each([
    [
      'name,prompt,negative_prompt\nInk,"ink of {prompt}, black",blurry\n',
      [['Ink', 'ink of {prompt}, black', 'blurry']],
    ],
    ['\uFEFFname,text\r\nOld,soft light\r\n', [['Old', 'soft light', '']]],
    ['prompt,name\n"two\nlines ""said""",Q\n\n,,\n', [['Q', 'two\nlines "said"', '']]],
    ['name,prompt\nA,x\nA,y', [['A', 'y', '']]],
    ['name,prompt\n,x\nB,', []],
    ['name,prompt,negative_prompt\nA,x,', [['A', 'x', '']]],
    [
      'name,prompt\nA,"never closed\nB,x',
      [
        ['A', '"never closed', ''],
        ['B', 'x', ''],
      ],
    ],
    ['1,2\n3,4', 'its first line does not name the columns name and prompt'],
    ['', 'its first line does not name the columns name and prompt'],
  ])('reads %j', (csv, expected) => {
    expect(read(csv)).toEqual(expected);
  });

  it('reads what it writes', () => {
    const cell = anyText(20).map((text) => text.trim());
    const style = fc.record({ name: cell, prompt: cell, negativePrompt: cell });
    fc.assert(
      fc.property(fc.uniqueArray(style, { selector: ({ name }) => name, maxLength: 5 }), (styles) => {
        const kept = styles.filter((s) => styleProblem(s) === null);
        expect(parseStyles(formatStyles(kept))).toEqual({ ok: true, styles: kept, skipped: 0 });
      }),
    );
  });

  it('never fails', () => {
    const syntax = fc.string({ unit: fc.constantFrom(...'",\r\nab'), maxLength: 40 });
    fc.assert(
      fc.property(syntax, (text) => {
        expect(parseStyles(`name,prompt\n${text}`).ok).toBe(true);
      }),
    );
  });
});
