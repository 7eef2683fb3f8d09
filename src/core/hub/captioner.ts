/** Repositories that describe pictures, in Transformers.js' layout: recognised as whole sets of files. */
import * as v from 'valibot';
import type { Contents, FileEntry } from './files.ts';
import { readJson } from './json.ts';
import { findForms, type Form } from './parts.ts';
import type { Choice, Recognised } from './recognise.ts';

const configSchema = v.object({
  model_type: v.pipe(v.string(), v.maxLength(100)),
  decoder: v.optional(v.object({ model_type: v.optional(v.string()) })),
  encoder: v.optional(v.object({ model_type: v.optional(v.string()) })),
});

interface Architecture {
  title: string;
  parts: readonly string[];
  /** Used where they are there. */
  optional: readonly string[];
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  'vision-encoder-decoder': {
    title: 'A captioner: ViT and GPT-2',
    parts: ['encoder_model', 'decoder_model_merged'],
    optional: [],
  },
  florence2: {
    title: 'A captioner: Florence-2',
    parts: ['vision_encoder', 'embed_tokens', 'encoder_model', 'decoder_model_merged'],
    optional: [],
  },
  blip: {
    title: 'A captioner: BLIP',
    parts: ['vision_model', 'text_decoder'],
    optional: ['text_encoder'],
  },
};

const SETTINGS = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'preprocessor_config.json'];
const OPTIONAL_SETTINGS = ['generation_config.json', 'special_tokens_map.json', 'README.md'];
const QUANTIZED: Readonly<Record<string, string>> = { '': 'fp32', quantized: 'q8', int8: 'q8' };

/** @returns null where it is none of these */
export function recogniseCaptioner(contents: Contents): Recognised | null {
  const config = readJson(contents.texts, 'config.json', configSchema);
  if (!config?.ok) return null;
  const { model_type: type, decoder } = config.value;
  const known = Object.hasOwn(ARCHITECTURES, type) ? ARCHITECTURES[type] : undefined;
  if (known === undefined || (type === 'vision-encoder-decoder' && decoder?.model_type !== 'gpt2'))
    return null;
  const missing: string[] = [];
  const settings: FileEntry[] = [];
  for (const name of [...SETTINGS, ...OPTIONAL_SETTINGS]) {
    const file = contents.files.find(({ path }) => path === name);
    if (file) settings.push(file);
    else if (SETTINGS.includes(name)) missing.push(`There is no ${name}.`);
  }
  const forms = findForms(contents.files, '', [...known.parts, ...known.optional]);
  for (const part of known.parts) if (!forms.has(part)) missing.push(`There is no graph of ${part}.`);
  const suffixes = new Set([...forms.values()].flatMap((list) => list.map(({ suffix }) => suffix)));
  const choices: Choice[] = [];
  for (const suffix of suffixes) {
    const graphs: Form[] = [];
    for (const part of [...known.parts, ...known.optional]) {
      const form = forms.get(part)?.find((candidate) => candidate.suffix === suffix);
      if (form) graphs.push(form);
    }
    // A form of which a part is missing is no form: the library would ask for a file that is not there.
    const isWhole = known.parts.every((part) => forms.get(part)?.some((form) => form.suffix === suffix));
    if (!isWhole) continue;
    const files = [...settings, ...graphs.flatMap(({ graph, weights }) => [graph, ...weights])];
    choices.push({
      id: QUANTIZED[suffix] ?? suffix,
      compute: /f16|fp16/.test(suffix) ? 'float16' : 'float32',
      totalBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      largestFileBytes: Math.max(...files.map(({ sizeBytes }) => sizeBytes)),
      files,
      generated: [],
      draft: null,
      missing: [],
    });
  }
  if (choices.length === 0) missing.push('No form of its weights is complete.');
  return {
    kind: 'captioner',
    layout: 'transformers',
    root: '',
    architecture: type,
    title: known.title,
    choices: choices.sort((a, b) => a.totalBytes - b.totalBytes),
    missing,
    remarks: [],
  };
}
