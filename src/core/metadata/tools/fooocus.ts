/** Fooocus' own scheme: one JSON under the field's keyword. Its other scheme is the field's text. */
import { embeddingsIn, fieldsOf, type Found, type FoundLora, stem } from '../found.ts';
import {
  asList,
  asObject,
  get,
  type Json,
  type JsonObject,
  numberOf,
  readJson,
  textOf,
} from '../loose-json.ts';

/** @returns null where the text is not this scheme's */
export function readFooocus(text: string): Found | null {
  const json = asObject(readJson(text));
  if (json === null || (get(json, 'base_model') === undefined && get(json, 'metadata_scheme') === undefined))
    return null;
  const size = /(\d+)\D+(\d+)/.exec(textOf(get(json, 'resolution')) ?? '');
  const refiner = textOf(get(json, 'refiner_model'));
  const prompt = textOf(get(json, 'prompt')) ?? '';
  const negativePrompt = textOf(get(json, 'negative_prompt')) ?? '';
  return {
    tool: 'fooocus',
    version: textOf(get(json, 'version')),
    prompt,
    negativePrompt,
    fields: fieldsOf([
      ['Steps', textOf(get(json, 'steps'))],
      ['Sampler', textOf(get(json, 'sampler'))],
      ['Schedule type', textOf(get(json, 'scheduler'))],
      ['CFG scale', textOf(get(json, 'guidance_scale'))],
      ['Seed', textOf(get(json, 'seed'))],
      ['Size', size === null ? null : `${size[1]}x${size[2]}`],
      ['Model hash', textOf(get(json, 'base_model_hash'))],
      ['Model', modelName(json)],
      ['Clip skip', textOf(get(json, 'clip_skip'))],
      // Its noise is the CPU generator's.
      ['RNG', 'CPU'],
      ['Performance', textOf(get(json, 'performance'))],
      ['Styles', stylesOf(get(json, 'styles'))],
      ['Sharpness', textOf(get(json, 'sharpness'))],
      ['ADM Guidance', textOf(get(json, 'adm_guidance'))],
      ['Refiner', refiner === null || refiner === 'None' ? null : stem(refiner)],
    ]),
    loras: asList(get(json, 'loras')).flatMap(readLora),
    words: embeddingsIn(prompt, negativePrompt),
  };
}

function modelName(json: JsonObject): string | null {
  const name = textOf(get(json, 'base_model'));
  return name === null ? null : stem(name);
}

/** A list, or a list written as Python writes it. */
function stylesOf(value: Json | undefined): string | null {
  if (Array.isArray(value)) return value.flatMap((entry) => textOf(entry) ?? []).join(', ');
  const text = textOf(value);
  return text === null || text === '[]' ? null : text.replaceAll(/^\[|\]$|'/g, '');
}

/** `[name, weight, hash]`. */
function readLora(entry: Json): FoundLora[] {
  const [first, second, third] = asList(entry);
  const name = textOf(first);
  const weight = numberOf(second);
  if (name === null || weight === null || name === 'None') return [];
  const hash = textOf(third)?.toLowerCase() ?? null;
  return [{ name: stem(name), hash, textWeight: weight, denoiserWeight: weight, inPrompt: false }];
}
