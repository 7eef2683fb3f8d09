import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AdapterUse } from '../pipeline/request.ts';
import { adapterOfTag, type KnownAdapter, resolveUses, rewriteTags } from './uses.ts';

function known(name: string, digit: string): KnownAdapter {
  return { name, sha256: digit.repeat(64), loraHash: digit.repeat(12) };
}

function listed(adapter: KnownAdapter, weight: number, inPrompt = false): AdapterUse {
  return { ...adapter, textWeight: weight, denoiserWeight: weight, inPrompt };
}

const FLAT = known('flat', 'a');
const LINE = known('line', 'b');
const HERE = [FLAT, LINE];

test('what the list and a tag both name counts once, as the tag says', () => {
  const { uses } = resolveUses('a cat <lora:flat:0.4:0.7>', [listed(FLAT, 1), listed(LINE, 0.2)], HERE);
  expect(uses.map(({ use }) => [use.name, use.textWeight, use.denoiserWeight, use.inPrompt])).toEqual([
    ['flat', 0.4, 0.7, true],
    ['line', 0.2, 0.2, false],
  ]);
});

test('a note of a tag turns nothing on by itself', () => {
  expect(resolveUses('a cat', [listed(FLAT, 1, true)], HERE).uses).toEqual([]);
});

test('a note pins the file that a tag of another name means', () => {
  const note = { ...listed(LINE, 1, true), name: 'ink' };
  expect(resolveUses('<lora:ink:1>', [note], HERE).uses[0]?.adapter).toBe(LINE);
  const gone = { ...note, sha256: 'c'.repeat(64), name: 'flat' };
  const resolved = resolveUses('<lora:flat:1>', [gone], HERE);
  expect(resolved.uses[0]?.adapter).toBe(FLAT);
  expect(resolved.otherFiles).toEqual(['flat']);
});

test('what is not here is named: of the list as missing, of the prompt as unknown', () => {
  const gone = listed(known('gone', 'c'), 1);
  const { missing, unknown } = resolveUses('<lora:nobody:1>', [gone], HERE);
  expect(missing).toEqual([gone]);
  expect(unknown.map(({ name }) => name)).toEqual(['nobody']);
});

const isFlat = (name: string) => adapterOfTag(name, [], HERE).adapter === FLAT;

test('other weights are written where the last tag stood, and the rest of the prompt stays', () => {
  const prompt = '<lora:FLAT:1>a (cat:1.2) <lora:line:0.5> <lora:flat:0.1:0.2>, sun';
  expect(rewriteTags(prompt, isFlat, { textWeight: 0.5, denoiserWeight: 0.5 })).toBe(
    'a (cat:1.2) <lora:line:0.5> <lora:flat:0.5>, sun',
  );
  expect(rewriteTags(prompt, isFlat, null)).toBe('a (cat:1.2) <lora:line:0.5> , sun');
});

test('whatever stands in a prompt, rewriting is read back as it was meant, and touches no other adapter', () => {
  const weight = fc.integer({ min: -400, max: 400 }).map((percent) => percent / 100);
  const piece = fc.oneof(
    fc.constantFrom('<', '>', ':', '<lora:', '<lora:flat>', '<lora:line:0.3>', '<x:y>', ' cat ', '=te'),
    fc.tuple(fc.constantFrom('flat', 'Flat', 'line', 'nobody'), weight).map(([n, w]) => `<lora:${n}:${w}>`),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), weight, weight, (pieces, textWeight, denoiserWeight) => {
      const prompt = pieces.join('');
      const before = resolveUses(prompt, [], HERE).uses;
      const after = resolveUses(rewriteTags(prompt, isFlat, { textWeight, denoiserWeight }), [], HERE).uses;
      const find = (uses: typeof before, adapter: KnownAdapter) =>
        uses.find((entry) => entry.adapter === adapter)?.use;
      if (find(before, FLAT)) expect(find(after, FLAT)).toMatchObject({ textWeight, denoiserWeight });
      expect(find(after, LINE)).toEqual(find(before, LINE));
      expect(find(resolveUses(rewriteTags(prompt, isFlat, null), [], HERE).uses, LINE)).toEqual(
        find(before, LINE),
      );
    }),
  );
});
