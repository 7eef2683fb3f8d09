import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawingOrder, places, replaceInPrompt } from './plan.ts';
import { layOutSheet } from './sheet.ts';
import { MAX_VALUES, parseList, parseNumbers } from './values.ts';

const whole = { min: 0, max: 1000, isWhole: true };
const real = { min: 0, max: 1000, isWhole: false };
const numbers = (text: string, limits = whole) => {
  const result = parseNumbers(text, limits);
  return result.ok ? result.values : result.reason;
};

describe('parseNumbers', () => {
  it.each([
    ['1,2,4', [1, 2, 4]],
    [' 1 , 2,, 2 ', [1, 2]],
    ['1-5', [1, 2, 3, 4, 5]],
    ['1-4 (+1)', [1, 2, 3, 4]],
    ['1-5 (+2), 20', [1, 3, 5, 20]],
    ['10-5 (-3)', [10, 7]],
    ['5-1', [5, 4, 3, 2, 1]],
    ['1-10 [5]', [1, 3, 5, 7, 10]],
    ['7-9 [1]', [7]],
  ])('reads %j', (text, values) => {
    expect(numbers(text)).toEqual(values);
  });

  it.each([
    ['0.2-1.0 [5]', [0.2, 0.4, 0.6, 0.8, 1]],
    ['0.1-0.3 (+0.1)', [0.1, 0.2, 0.3]],
    ['1-2 (+0.5)', [1, 1.5, 2]],
    ['.5', [0.5]],
  ])('reads fractions: %j', (text, values) => {
    expect(numbers(text, real)).toEqual(values);
  });

  it.each([
    ['', 'No values yet.'],
    ['a', '“a” is no number and no range.'],
    ['1-5 (+0)', '“1-5 (+0)” is no number and no range.'],
    ['1-5 (-1)', '“1-5 (-1)” is no number and no range.'],
    ['1.5', '1.5 is not a whole number.'],
    ['2000', '2000 is not between 0 and 1000.'],
    ['0-999', `More than ${MAX_VALUES} values.`],
  ])('refuses %j: %s', (text, reason) => {
    expect(numbers(text)).toBe(reason);
  });

  it('brings back any list it is given', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: MAX_VALUES }), (list) => {
        expect(numbers(list.join(', '))).toEqual(list);
      }),
    );
  });

  it('bears anything', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'1-+()[]., "e9') }),
        (text) => void parseNumbers(text, real),
      ),
    );
  });
});

describe('parseList', () => {
  it('keeps commas within quotes', () => {
    expect(parseList('red, "a fox, at dawn" ,"say ""hi""", blue')).toEqual({
      ok: true,
      values: ['red', 'a fox, at dawn', 'say "hi"', 'blue'],
    });
    expect(parseList('"open, b')).toEqual({ ok: true, values: ['"open', 'b'] });
  });

  it('brings back any list that is quoted', () => {
    const value = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (list) => {
        const text = list.map((one) => `"${one.replaceAll('"', '""')}"`).join(', ');
        expect(parseList(text)).toEqual({ ok: true, values: list });
      }),
    );
  });
});

describe('a plan', () => {
  it('has every place once, in reading order', () => {
    expect(places({ x: 2, y: 0, z: 2 })).toEqual([
      { x: 0, y: 0, z: 0 },
      { x: 1, y: 0, z: 0 },
      { x: 0, y: 0, z: 1 },
      { x: 1, y: 0, z: 1 },
    ]);
  });

  it('opens each model once, whatever axis it is on', () => {
    const items = ['a1', 'b1', 'a2', 'b2', 'a1'];
    expect(drawingOrder(items, [(item) => item[0]!, (item) => item[1]!])).toEqual([
      'a1',
      'a1',
      'a2',
      'b1',
      'b2',
    ]);
    expect(drawingOrder(items, [])).toEqual(items);
  });

  it('replaces the first value by each, wherever it stands', () => {
    expect(replaceInPrompt('a red fox, red snow', 'red', 'blue $&')).toBe('a blue $& fox, blue $& snow');
    expect(replaceInPrompt('a fox', 'red', 'blue')).toBeNull();
    expect(replaceInPrompt('a fox', '', 'blue')).toBeNull();
  });
});

describe('layOutSheet', () => {
  const request = {
    x: ['1', '2'],
    y: ['a', 'b', 'c'],
    z: [],
    title: 'Grid',
    cellWidthPx: 256,
    cellHeightPx: 256,
    maxSidePx: 8192,
  };

  it('keeps everything on the sheet and nothing over another', () => {
    const { widthPx, heightPx, cells, texts } = layOutSheet(request);
    expect(cells).toHaveLength(6);
    expect(texts.map(({ text }) => text)).toEqual(['Grid', '1', '2', 'a', 'b', 'c']);
    for (const [k, cell] of cells.entries()) {
      expect(cell.xPx + cell.widthPx).toBeLessThanOrEqual(widthPx);
      expect(cell.yPx + cell.heightPx).toBeLessThanOrEqual(heightPx);
      for (const other of cells.slice(k + 1)) {
        const isApart = other.xPx >= cell.xPx + cell.widthPx || other.yPx >= cell.yPx + cell.heightPx;
        expect(isApart || other.xPx + other.widthPx <= cell.xPx).toBe(true);
      }
    }
  });

  it('fits on a canvas however large it is', () => {
    const { widthPx, heightPx } = layOutSheet({
      ...request,
      y: Array.from({ length: 60 }, String),
      cellWidthPx: 1024,
      cellHeightPx: 1024,
    });
    expect(Math.max(widthPx, heightPx)).toBeLessThanOrEqual(8192);
  });
});
