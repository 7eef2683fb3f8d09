import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWeights } from './weights.ts';
import { emptyWindow, toWindows, type WindowSpec } from './windows.ts';

const START = 900;
const END = 901;
const PAD = 0;
const COMMA = 7;
const spec: WindowSpec = { window: 77, startId: START, endId: END, padId: PAD };
const small: WindowSpec = { ...spec, window: 6 };

/** Words `w12` are token 112, commas 7. */
const encode = (text: string) =>
  Array.from(text.matchAll(/w(\d+)|,/g), (match) =>
    match[1] === undefined ? COMMA : 100 + Number(match[1]),
  );
const words = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `w${from + i}`).join(' ');
const cut = (prompt: string, of: WindowSpec = spec, options = {}) =>
  toWindows(parseWeights(prompt), encode, of, options);
/** The content of each window. */
const contents = (prompt: string, of: WindowSpec = spec) =>
  cut(prompt, of, { maxWindows: 99 }).windows.map(({ ids }) =>
    Array.from(ids.slice(of.startId === null ? 0 : 1, ids.indexOf(END))),
  );

describe('toWindows', () => {
  it('frames and pads', () => {
    const { windows, tokens, notice } = cut('w1 (w2:1.5)', small);
    expect(windows.map((w) => Array.from(w.ids))).toEqual([[START, 101, 102, END, PAD, PAD]]);
    expect(windows.map((w) => Array.from(w.weights))).toEqual([[1, 1, 1.5, 1, 1, 1]]);
    expect([tokens, notice]).toEqual([2, null]);
  });

  it('gives an empty prompt one empty window', () => {
    expect(cut('', small).windows).toEqual([emptyWindow(small)]);
    expect(Array.from(emptyWindow(small).ids)).toEqual([START, END, PAD, PAD, PAD, PAD]);
  });

  it('uses the room of a start token that is not there', () => {
    const t5: WindowSpec = { window: 4, startId: null, endId: END, padId: PAD };
    expect(cut('w1 w2 w3 w4', t5).windows.map((w) => Array.from(w.ids))).toEqual([
      [101, 102, 103, END],
      [104, END, PAD, PAD],
    ]);
  });

  it('fills windows of 75 and starts the next', () => {
    expect(contents(words(0, 75)).map((c) => c.length)).toEqual([75]);
    expect(contents(words(0, 76)).map((c) => c.length)).toEqual([75, 1]);
    expect(contents(words(0, 151)).map((c) => c.length)).toEqual([75, 75, 1]);
  });

  it('goes back to a comma at most 20 tokens away', () => {
    // The comma is token 55 (from 0): 20 from the end of 75, so 56 stay and 19 move on.
    expect(contents(`${words(0, 55)}, ${words(55, 80)}`).map((c) => c.length)).toEqual([56, 25]);
    // One token earlier it is out of reach.
    expect(contents(`${words(0, 54)}, ${words(54, 80)}`).map((c) => c.length)).toEqual([75, 6]);
    // A phrase that ends with the window needs no going back.
    expect(contents(`${words(0, 60)}, ${words(60, 74)}`).map((c) => c.length)).toEqual([75]);
    // A comma that comes next heads the next window, and the phrase before it is not torn.
    expect(contents(`${words(0, 60)}, ${words(60, 74)}, w74`).map((c) => c.length)).toEqual([75, 2]);
    // The last comma counts, and it stays behind as the last token.
    const [first] = contents(`${words(0, 60)}, ${words(60, 65)}, ${words(65, 80)}`);
    expect([first!.length, first!.at(-1)]).toEqual([67, COMMA]);
    // Commas of the window before are not looked at.
    expect(contents(`${words(0, 74)}, ${words(74, 160)}`).map((c) => c.length)).toEqual([75, 75, 11]);
  });

  it('breaks where told to', () => {
    expect(contents('w1 BREAK w2', small)).toEqual([[101], [102]]);
    expect(contents('w1 BREAK', small)).toEqual([[101]]);
    expect(contents('BREAK w1', small)).toEqual([[], [101]]);
    expect(contents('w1 BREAK BREAK w2', small)).toEqual([[101], [], [102]]);
    expect(contents('w1 w2 w3 w4 BREAK w5', small)).toEqual([[101, 102, 103, 104], [105]]);
  });

  it('says what lies beyond the last window', () => {
    const { windows, tokens, notice } = cut('w1 w2 (w3 w4 w5 w6:1.2) w7 BREAK w8', small, {
      maxWindows: 1,
      where: 'negative',
    });
    expect(windows.length).toBe(1);
    expect(tokens).toBe(8);
    expect(notice).toEqual({
      code: 'prompt-windows-cut',
      where: 'negative',
      windows: 1,
      cutTokens: 4,
      cutText: 'w5 w6 w7 BREAK w8',
    });
    expect(cut('w1 BREAK w2 BREAK', small, { maxWindows: 2 }).notice).toBeNull();
    expect(cut(words(0, 9 * 75)).notice).toMatchObject({
      windows: 8,
      cutTokens: 75,
      cutText: words(600, 675),
    });
  });

  it('refuses a window without room', () => {
    expect(() => cut('w1', { ...spec, window: 2 })).toThrow(RangeError);
  });

  it('conserves tokens, weights and their order', () => {
    const piece = fc.oneof(
      fc.integer({ min: 1, max: 500 }).map((n) => `w${n}`),
      fc.constantFrom(',', 'BREAK', '(w1:1.25)', '[w2', ')'),
    );
    const spaces = fc.constantFrom<WindowSpec>(small, spec, { ...small, startId: null });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), spaces, (pieces, of) => {
        const segments = parseWeights(pieces.join(' '));
        const expected = segments.flatMap((s) =>
          s.kind === 'break' ? [] : encode(s.text).map((id) => [id, Math.fround(s.weight)]),
        );
        const { windows, tokens } = toWindows(segments, encode, of, { maxWindows: 9999 });
        const actual = windows.flatMap(({ ids, weights }) => {
          expect([ids.length, weights.length]).toEqual([of.window, of.window]);
          const end = ids.indexOf(END);
          expect(ids.slice(end + 1).every((id) => id === PAD)).toBe(true);
          expect(weights.slice(end).every((w) => w === 1)).toBe(true);
          const from = of.startId === null ? 0 : 1;
          return Array.from(ids.slice(from, end), (id, i) => [id, weights[from + i]]);
        });
        expect(actual).toEqual(expected);
        expect(tokens).toBe(expected.length);
      }),
    );
  });
});
