/** Draw Things: one JSON of short keys, which it keeps in XMP. */
import { fieldsOf, type Found, type FoundLora, stem } from '../found.ts';
import { asList, asObject, get, type Json, numberOf, readJson, textOf } from '../loose-json.ts';

/** @returns null where the text is not this tool's */
export function readDrawThings(text: string): Found | null {
  const json = asObject(readJson(text));
  if (json === null || textOf(get(json, 'c')) === null || get(json, 'sampler') === undefined) return null;
  const strength = numberOf(get(json, 'strength'));
  const model = textOf(get(json, 'model'));
  const loras = asList(get(json, 'lora') ?? get(get(json, 'v2'), 'loras'));
  return {
    tool: 'draw-things',
    version: null,
    prompt: textOf(get(json, 'c')) ?? '',
    negativePrompt: textOf(get(json, 'uc')) ?? '',
    fields: fieldsOf([
      ['Steps', textOf(get(json, 'steps'))],
      ['Sampler', textOf(get(json, 'sampler'))],
      ['CFG scale', textOf(get(json, 'scale'))],
      ['Seed', textOf(get(json, 'seed'))],
      ['Size', textOf(get(json, 'size'))],
      ['Model', model === null ? null : stem(model)],
      ['Denoising strength', strength === null || strength === 1 ? null : strength],
      ['RNG', textOf(get(json, 'seed_mode')) ?? 'GPU'],
    ]),
    loras: loras.flatMap(readLora),
    words: [],
  };
}

function readLora(entry: Json): FoundLora[] {
  const name = textOf(get(entry, 'model')) ?? textOf(get(entry, 'file'));
  const weight = numberOf(get(entry, 'weight'));
  if (name === null || weight === null) return [];
  return [{ name: stem(name), hash: null, textWeight: weight, denoiserWeight: weight, inPrompt: false }];
}
