import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyKit, framed, isWornAsIs, type Kit, takeOffKit } from './kit.ts';
import { anyAsked, anyKit } from './kit.test-data.ts';

const FLAT: Kit = {
  id: 'flat',
  name: 'Flat',
  colour: '#c2410c',
  adapters: [
    { sha256: 'a'.repeat(64), loraHash: 'a'.repeat(12), name: 'flat', textWeight: 1, denoiserWeight: 0.8 },
  ],
  frame: 'flat icon of {prompt}, plain ground',
  negativePrompt: 'shadow',
  defaults: {},
};

test('a kit puts its words around the person’s, its adapters beside them', () => {
  expect(applyKit({ prompt: 'a cat', negativePrompt: 'dog' }, FLAT)).toMatchObject({
    prompt: 'flat icon of a cat, plain ground',
    negativePrompt: 'dog, shadow',
    adapters: [{ name: 'flat', denoiserWeight: 0.8, inPrompt: false }],
    kit: { name: 'Flat', words: 'a cat', negativeWords: 'dog' },
  });
});

test('a frame without a place for the words follows them, and an empty prompt stays empty', () => {
  expect(framed('a cat', 'in acme’s style')).toBe('a cat, in acme’s style');
  expect(framed('  ', 'flat icon of {prompt}')).toBe('  ');
  expect(framed('costs $& and $1', 'say {prompt}, {prompt}')).toBe('say costs $& and $1, costs $& and $1');
});

test('an adapter that is on already keeps its own weight', () => {
  const own = { ...FLAT.adapters[0]!, textWeight: 0.1, denoiserWeight: 0.1, inPrompt: false };
  const dressed = applyKit({ prompt: 'a cat', negativePrompt: '', adapters: [own] }, FLAT);
  expect(dressed.adapters).toEqual([own]);
  expect(takeOffKit(dressed).adapters).toEqual([own]);
});

test('applying twice is applying once, whichever kit comes second', () => {
  fc.assert(
    fc.property(anyAsked, anyKit, anyKit, (asked, kit, other) => {
      const once = applyKit(asked, kit);
      expect(applyKit(once, kit)).toEqual(once);
      expect(applyKit(once, other)).toEqual(once);
    }),
  );
});

test('what was put on comes off whole, and is known again', () => {
  fc.assert(
    fc.property(anyAsked, anyKit, (asked, kit) => {
      const dressed = applyKit(asked, kit);
      expect(takeOffKit(dressed)).toEqual(asked);
      expect(isWornAsIs(dressed, kit)).toBe(true);
      expect(isWornAsIs({ ...dressed, prompt: `${dressed.prompt}!` }, kit)).toBe(false);
      expect(isWornAsIs(asked, kit)).toBe(false);
    }),
  );
});
