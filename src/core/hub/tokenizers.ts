/** A tokenizer's files, and the ids that a window starts, ends and is filled with. */
import * as v from 'valibot';
import type { Manifest } from '../models/manifest.ts';
import { clipTokenizer, readMerges } from './clip-tokenizer.ts';
import type { Contents, FileEntry } from './files.ts';
import { readJson } from './json.ts';

const token = v.union([v.string(), v.object({ content: v.string() })]);
const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const specialSchema = v.object({
  bos_token: v.optional(v.nullable(token)),
  eos_token: v.optional(v.nullable(token)),
  pad_token: v.optional(v.nullable(token)),
  model_max_length: v.optional(v.number()),
});
// Not `v.record`: it drops words such as "constructor".
const vocabularySchema = v.custom<Record<string, number>>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((n) => Number.isSafeInteger(n) && n >= 0),
  'must give every word a number',
);
const tokenizerSchema = v.object({
  added_tokens: v.optional(v.array(v.object({ id, content: v.string() })), []),
  model: v.object({ vocab: v.optional(vocabularySchema) }),
});

const DEFAULT_WINDOW = 77;
/** Configurations that mean "any length" write a huge number. */
const MAX_WINDOW = 4096;

export type TokenizerResult =
  | {
      ok: true;
      spec: Manifest['tokenizers'][string];
      files: FileEntry[];
      /** Files that are made here because the repository lacks them; paths as in the manifest. */
      generated: { path: string; text: string }[];
    }
  | { ok: false; reason: string };

/**
 * @param folder of the repository, with a slash at its end
 * @param positions of the text encoder, where its settings say so
 */
export function readTokenizer(contents: Contents, folder: string, positions: number | null): TokenizerResult {
  const own = folder.split('/').at(-2) ?? folder;
  const file = (name: string) => contents.files.find(({ path }) => path === folder + name);
  const config = readJson(contents.texts, `${folder}tokenizer_config.json`, specialSchema);
  const special = readJson(contents.texts, `${folder}special_tokens_map.json`, specialSchema);
  for (const read of [config, special]) if (read && !read.ok) return read;
  const said = { ...(config?.ok && defined(config.value)), ...(special?.ok && defined(special.value)) };
  const words = {
    start: content(said.bos_token) ?? '<|startoftext|>',
    end: content(said.eos_token) ?? '<|endoftext|>',
    pad: content(said.pad_token) ?? content(said.eos_token) ?? '<|endoftext|>',
  };
  const generated: { path: string; text: string }[] = [];
  const files: FileEntry[] = [];
  const ids = new Map<string, number>();
  const whole = file('tokenizer.json');
  if (whole) {
    const read = readJson(contents.texts, whole.path, tokenizerSchema);
    if (read === null) return { ok: false, reason: `${whole.path} is too large to be a tokenizer.` };
    if (!read.ok) return read;
    for (const [word, value] of Object.entries(read.value.model.vocab ?? {})) ids.set(word, value);
    for (const added of read.value.added_tokens) ids.set(added.content, added.id);
    files.push(whole);
  } else {
    const made = makeTokenizer(contents, folder, words.pad);
    if (!made.ok) return made;
    for (const [word, value] of Object.entries(made.ids)) ids.set(word, value);
    generated.push({ path: `${own}/tokenizer.json`, text: made.text });
  }
  const settings = file('tokenizer_config.json');
  if (settings) {
    files.push(settings);
  } else {
    const text = JSON.stringify({ tokenizer_class: 'CLIPTokenizer', model_max_length: DEFAULT_WINDOW });
    generated.push({ path: `${own}/tokenizer_config.json`, text });
  }
  const endId = ids.get(words.end);
  const padId = ids.get(words.pad);
  if (endId === undefined || padId === undefined) {
    return { ok: false, reason: `The tokenizer in ${folder} does not know its own end or padding token.` };
  }
  const limits = [said.model_max_length, positions].filter(
    (limit): limit is number => typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 2,
  );
  return {
    ok: true,
    spec: {
      tokenizer: `${own}/tokenizer.json`,
      config: `${own}/tokenizer_config.json`,
      window: Math.min(MAX_WINDOW, ...(limits.length > 0 ? limits : [DEFAULT_WINDOW])),
      startId: ids.get(words.start) ?? null,
      endId,
      padId,
    },
    files,
    generated,
  };
}

type Made = { ok: true; ids: Record<string, number>; text: string } | { ok: false; reason: string };

function makeTokenizer(contents: Contents, folder: string, pad: string): Made {
  const vocabulary = readJson(contents.texts, `${folder}vocab.json`, vocabularySchema);
  const merges = contents.texts.get(`${folder}merges.txt`);
  if (vocabulary === null || merges === undefined) {
    return {
      ok: false,
      reason: `There is no tokenizer.json in ${folder}, nor vocab.json and merges.txt to make it from.`,
    };
  }
  if (!vocabulary.ok) return vocabulary;
  const pairs = readMerges(merges);
  if (pairs === null) return { ok: false, reason: `${folder}merges.txt is no list of pairs.` };
  const made = clipTokenizer({ ids: vocabulary.value, merges: pairs }, pad);
  if (made === null)
    return { ok: false, reason: `The vocabulary in ${folder} is not that of a CLIP tokenizer.` };
  return { ok: true, ids: vocabulary.value, text: JSON.stringify(made) };
}

function content(value: v.InferOutput<typeof token> | null | undefined): string | null {
  return typeof value === 'string' ? value : (value?.content ?? null);
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, x]) => x !== undefined && x !== null),
  ) as Partial<T>;
}
