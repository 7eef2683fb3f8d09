/**
 * Counts a prompt's tokens with the model's own tokenizer, beside the engine's worker: that one answers nothing while a
 * graph runs on the CPU.
 */
import { newTokenId, withNewWords } from '#core/lora/new-words.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { cleanPrompt } from '#core/prompt/clean.ts';
import { promptSteps } from '#core/prompt/schedule.ts';
import { extractTags } from '#core/prompt/tags.ts';
import { parseWeights } from '#core/prompt/weights.ts';
import { toWindows, type WindowSpec } from '#core/prompt/windows.ts';
import type { TokenCount, TokenQuery, TokensApi } from '#engine/tokens-api.ts';
import { findManifest } from '#storage/models.ts';
import { bytesOf, readModelFiles } from '../engine/files.ts';
import { createEncoder, type Encode } from '../runtime/tokenizer.ts';

const READ_WITHIN_MS = 60_000;

interface Opened {
  encode: Encode;
  spec: WindowSpec;
}

export class Tokens implements TokensApi {
  #opened: { modelId: string; tokenizer: Promise<Opened> } | null = null;

  async count({ modelId, prompt, steps, words }: TokenQuery): Promise<TokenCount> {
    if (this.#opened?.modelId !== modelId) this.#opened = { modelId, tokenizer: open(modelId) };
    try {
      const { encode, spec } = await this.#opened.tokenizer;
      const known = words.map((word) => ({ ...word, firstId: newTokenId(0) }));
      return countTokens(prompt, steps, { encode: withNewWords(encode, known), spec });
    } catch (error) {
      // Files that could not be read may be there the next time.
      this.#opened = null;
      throw error;
    }
  }
}

/** The text of the walk that fills most. */
export function countTokens(prompt: string, steps: number, { encode, spec }: Opened): TokenCount {
  const room = spec.window - (spec.startId === null ? 1 : 2);
  const { text } = extractTags(cleanPrompt(prompt, 'prompt').text);
  const counts = promptSteps(text, Math.max(1, steps)).map((span): TokenCount => {
    const { tokens, windows, notice } = toWindows(parseWeights(span.text), encode, spec);
    const cutText = notice?.code === 'prompt-windows-cut' ? notice.cutText : null;
    return { tokens, room, windows: windows.length, cutText };
  });
  return counts.reduce((most, count) => (count.tokens > most.tokens ? count : most));
}

async function open(modelId: string): Promise<Opened> {
  const signal = AbortSignal.timeout(READ_WITHIN_MS);
  const manifest: Manifest = await findManifest(modelId, undefined, signal);
  const encoder = manifest.textEncoders[0];
  const spec = encoder && manifest.tokenizers[encoder.tokenizer];
  if (!spec) throw new Error('The model has no tokenizer.');
  const files = await readModelFiles(manifest, [spec.tokenizer, spec.config], signal, () => {});
  const parsed = async (path: string): Promise<object> =>
    JSON.parse(new TextDecoder().decode(await bytesOf(files.get(path)!))) as object;
  return { encode: createEncoder(await parsed(spec.tokenizer), await parsed(spec.config)), spec };
}
