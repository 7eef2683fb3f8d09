/** Words to word pieces and back, by the model's own tokenizer. */
import { Tokenizer } from '@huggingface/tokenizers';

export interface Words {
  /** Without special tokens. */
  encode(text: string): number[];
  /** Without special tokens. */
  decode(tokens: readonly number[]): string;
}

/**
 * @param tokenizer parsed `tokenizer.json`
 * @param config parsed `tokenizer_config.json`
 */
export function createWords(tokenizer: object, config: object): Words {
  const instance = new Tokenizer(tokenizer, config);
  return {
    encode: (text) => instance.encode(text, { add_special_tokens: false }).ids,
    decode: (tokens) =>
      tokens.length === 0 ? '' : instance.decode([...tokens], { skip_special_tokens: true }).trim(),
  };
}
