import { expect, test } from 'vitest';
import { manifestWith } from '../pipeline/example-manifest.test-data.ts';
import { inkOn, KIT_COLOURS } from './colour.ts';
import { parseStarters, starterMismatch } from './starters.ts';

const BRAND = {
  id: 'flat',
  name: 'Flat',
  file: 'flat.safetensors',
  sha256: 'a'.repeat(64),
  sizeBytes: 1000,
  base: 'mine',
  colour: '#C2410C',
  trigger: 'flat style',
  credit: 'Somebody',
  licence: 'MIT',
};

test('a brand that ships is a kit whose trigger follows the prompt', () => {
  const parsed = parseStarters({ adapters: [BRAND] });
  expect(parsed).toMatchObject({
    ok: true,
    starters: [
      { kit: { id: 'starter-flat', colour: '#c2410c', frame: '{prompt}, flat style' }, base: 'mine' },
    ],
  });
  expect(parseStarters({ adapters: [] })).toEqual({ ok: true, starters: [] });
  for (const wrong of [null, 1, [{ ...BRAND, file: '../x.safetensors' }], [{ ...BRAND, sha256: 'x' }]])
    expect(parseStarters({ adapters: wrong })).toMatchObject({ ok: false });
});

test('a brand says for which family it was made', () => {
  const parsed = parseStarters({ adapters: [BRAND] });
  const [starter] = parsed.ok ? parsed.starters : [];
  const model = manifestWith({ family: 'mine' });
  expect(starterMismatch(starter!, model)).toBeNull();
  expect(starterMismatch(starter!, { ...model, family: 'sdxl' })).toMatchObject({
    code: 'kit-mismatch',
    kit: 'Flat',
    kitFamily: 'mine',
  });
});

test('letters on a swatch can be read', () => {
  expect(inkOn('#ffffff')).toBe('#000000');
  expect(inkOn('#1c1917')).toBe('#ffffff');
  for (const colour of KIT_COLOURS) expect(inkOn(colour)).toBe('#ffffff');
});
