/** Transformers.js' tokenizers, built from the model's own files. */
import { Tokenizer } from '@huggingface/tokenizers';

/** Text to token ids without start, end or padding: those belong to the window. */
export type Encode = (text: string) => number[];

/**
 * @param tokenizer parsed `tokenizer.json`
 * @param config parsed `tokenizer_config.json`
 * @throws whatever the library throws on files it cannot read
 */
export function createEncoder(tokenizer: object, config: object): Encode {
  const instance = new Tokenizer(tokenizer, config);
  return (text) => instance.encode(text, { add_special_tokens: false }).ids;
}
