/** Kits and requests of any kind, for properties. */
import * as fc from 'fast-check';
import type { AdapterUse } from '../pipeline/request.ts';
import type { Dressable, Kit } from './kit.ts';

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const weight = fc.double({ min: -4, max: 4, noNaN: true }).map((value) => value + 0);
/** Few, so that kit and person often mean the same file. */
const file = fc.constantFrom('a', 'b', 'c', 'd').map((digit) => digit.repeat(64));
const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    'flat, {prompt}',
    '{prompt} and {prompt}',
    'in the style of $& acme',
    '$1 {prompt}',
  ),
);

const kitAdapter = fc.record({
  sha256: file,
  loraHash: hex(12),
  name: fc.string({ minLength: 1, maxLength: 20 }),
  textWeight: weight,
  denoiserWeight: weight,
});

export const anyKit: fc.Arbitrary<Kit> = fc.record({
  id: fc.string({ unit: fc.constantFrom(...'abc012-'), minLength: 1, maxLength: 12 }).map((id) => `k${id}`),
  name: fc.string({ minLength: 1, maxLength: 30 }).map((name) => `K ${name}`.trim()),
  colour: hex(6).map((digits) => `#${digits}`),
  adapters: fc.uniqueArray(kitAdapter, { maxLength: 3, selector: ({ sha256 }) => sha256 }),
  frame: text,
  negativePrompt: text,
  defaults: fc.record(
    {
      steps: fc.integer({ min: 1, max: 50 }),
      guidanceScale: fc.double({ min: 0, max: 20, noNaN: true }).map((value) => value + 0),
      size: fc.record({
        widthPx: fc.integer({ min: 1, max: 2048 }),
        heightPx: fc.integer({ min: 1, max: 2048 }),
      }),
      sampler: fc.constantFrom('euler', 'ddim'),
    },
    { requiredKeys: [] },
  ),
});

const use: fc.Arbitrary<AdapterUse> = fc
  .record({ adapter: kitAdapter, inPrompt: fc.boolean() })
  .map(({ adapter, inPrompt }) => ({ ...adapter, inPrompt }));

export const anyAsked: fc.Arbitrary<Dressable> = fc.record(
  {
    prompt: text,
    negativePrompt: text,
    prompts: fc.array(fc.record({ prompt: text, negativePrompt: text }), { maxLength: 3 }),
    adapters: fc.uniqueArray(use, { maxLength: 3, selector: ({ sha256 }) => sha256 }),
  },
  { requiredKeys: ['prompt', 'negativePrompt', 'adapters'] },
);
