/** InvokeAI's `invokeai_metadata`, of this year's form and of the ones before. */
import { fieldsOf, type Found, type FoundLora, type FoundWord, stem } from '../found.ts';
import { asList, asObject, get, type Json, numberOf, readJson, textOf } from '../loose-json.ts';

export const INVOKE_KEYWORDS: readonly string[] = ['invokeai_metadata', 'sd-metadata'];

/** @returns null where the text is not this tool's */
export function readInvoke(text: string): Found | null {
  const json = asObject(readJson(text));
  if (json === null) return null;
  const image = asObject(get(json, 'image'));
  if (image !== null) return readOld(json, image);
  const width = numberOf(get(json, 'width'));
  const height = numberOf(get(json, 'height'));
  const [scheduler, schedule] = splitScheduler(textOf(get(json, 'scheduler')));
  const model = get(json, 'model');
  const rescale = numberOf(get(json, 'cfg_rescale_multiplier'));
  const skip = numberOf(get(json, 'clip_skip'));
  const prompt = textOf(get(json, 'positive_prompt')) ?? '';
  const negativePrompt = textOf(get(json, 'negative_prompt')) ?? '';
  if (prompt === '' && get(json, 'seed') === undefined) return null;
  return {
    tool: 'invokeai',
    version: textOf(get(json, 'app_version')),
    prompt,
    negativePrompt,
    fields: fieldsOf([
      ['Steps', textOf(get(json, 'steps'))],
      ['Sampler', scheduler],
      ['Schedule type', schedule],
      ['CFG scale', textOf(get(json, 'cfg_scale'))],
      ['Distilled CFG Scale', textOf(get(json, 'guidance'))],
      ['Seed', textOf(get(json, 'seed'))],
      ['Size', width === null || height === null ? null : `${width}x${height}`],
      ['Model hash', textOf(get(model, 'hash'))],
      ['Model', nameOf(model)],
      ['Denoising strength', textOf(get(json, 'strength'))],
      // It counts the layers left out, the field the one that is taken.
      ['Clip skip', skip === null || skip === 0 ? null : skip + 1],
      ['RNG', textOf(get(json, 'rand_device')) === 'cuda' ? 'GPU' : 'CPU'],
      ['Guidance rescale', rescale === null || rescale === 0 ? null : rescale],
      ['Prompt weighting', hasOwnWeights(prompt) ? 'InvokeAI’s own signs, such as ++' : null],
      ['ControlNet', asList(get(json, 'controlnets')).length > 0 ? 'used' : null],
      ['IP adapter', asList(get(json, 'ipAdapters')).length > 0 ? 'used' : null],
    ]),
    loras: asList(get(json, 'loras')).flatMap(readLora),
    words: wordsIn(prompt, negativePrompt),
  };
}

/** Up to version 2: prompts in a list, the negative one in brackets. */
function readOld(json: Json, image: Json): Found {
  const given = get(image, 'prompt');
  const text = textOf(given) ?? textOf(get(asList(given)[0], 'prompt')) ?? '';
  const negative = [...text.matchAll(/\[([^[\]]*)\]/g)].map(([, inner]) => inner!.trim());
  const width = numberOf(get(image, 'width'));
  const height = numberOf(get(image, 'height'));
  const [sampler, schedule] = splitScheduler(textOf(get(image, 'sampler')));
  return {
    tool: 'invokeai',
    version: textOf(get(json, 'app_version')),
    prompt: text.replaceAll(/\[[^[\]]*\]/g, '').trim(),
    negativePrompt: negative.join(', '),
    fields: fieldsOf([
      ['Steps', textOf(get(image, 'steps'))],
      ['Sampler', sampler],
      ['Schedule type', schedule],
      ['CFG scale', textOf(get(image, 'cfg_scale'))],
      ['Seed', textOf(get(image, 'seed'))],
      ['Size', width === null || height === null ? null : `${width}x${height}`],
      ['Model hash', textOf(get(json, 'model_hash'))],
      ['Model', textOf(get(json, 'model_weights'))],
    ]),
    loras: [],
    words: wordsIn(text),
  };
}

/** `dpmpp_2m_k` walks the Karras schedule; so did samplers named `k_…`, without saying it. */
function splitScheduler(name: string | null): [sampler: string | null, schedule: string | null] {
  if (name === null) return [null, null];
  return name.endsWith('_k') ? [name.slice(0, -2), 'karras'] : [name.replace(/^k_/, ''), null];
}

function nameOf(model: Json | undefined): string | null {
  const name = textOf(get(model, 'name')) ?? textOf(get(model, 'model_name')) ?? textOf(model);
  return name === null ? null : stem(name);
}

function readLora(entry: Json): FoundLora[] {
  const file = get(entry, 'model') ?? get(entry, 'lora');
  const name = nameOf(file);
  const weight = numberOf(get(entry, 'weight'));
  if (name === null || weight === null) return [];
  const hash = textOf(get(file, 'hash'))?.toLowerCase() ?? null;
  return [{ name, hash, textWeight: weight, denoiserWeight: weight, inPrompt: false }];
}

/** Words stand in angles. */
function wordsIn(...prompts: readonly string[]): FoundWord[] {
  const found = prompts.flatMap((prompt) => prompt.match(/<[\p{L}\p{N}_. -]{1,200}>/gu) ?? []);
  return [...new Set(found)].map((name) => ({ name, written: name, hash: null }));
}

function hasOwnWeights(prompt: string): boolean {
  return /[\p{L}\p{N})"](?:\+\+|--)|\)[+-]|\)\d/u.test(prompt);
}
