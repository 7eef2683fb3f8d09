/** Our use of the tokenizers against Transformers.js itself, which bundles the same library behind its models. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLIPTokenizer } from '@huggingface/transformers';
import { expect, it } from 'vitest';
import { createEncoder } from './tokenizer.ts';

const ROOT = join(import.meta.dirname, '../..');
const TEXTS = [
  'a red apple on a blue background',
  'A  Photo of   THREE cats, (sitting)!',
  'naïve café — 東京 🍎🚀',
  "it's 42% done; don't stop",
  '',
];

it.each(['e2e/models/tiny-sd', 'e2e/models/tiny-flow', 'public/models/starter'])(
  '%s: the same ids as Transformers.js, without start and end',
  (folder) => {
    const read = (name: string): object =>
      JSON.parse(readFileSync(join(ROOT, folder, 'tokenizer', name), 'utf8'));
    const tokenizer = read('tokenizer.json');
    const config = read('tokenizer_config.json');
    const encode = createEncoder(tokenizer, config);
    const reference = new CLIPTokenizer(tokenizer, config);
    for (const text of TEXTS) {
      const ids = reference.encode(text, { add_special_tokens: false });
      expect(encode(text), text).toEqual(ids);
    }
    expect(encode(TEXTS[0]!).length).toBeGreaterThan(0);
  },
);
