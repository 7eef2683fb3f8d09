/** The two prompts of a picture, read once: each distinct text of the walk is encoded one time. */
import type { Notice } from '#core/failure.ts';
import type { Component } from '#core/lora/names.ts';
import { withNewWords } from '#core/lora/new-words.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { cleanPrompt } from '#core/prompt/clean.ts';
import { promptSteps } from '#core/prompt/schedule.ts';
import { extractTags, readLoraTag } from '#core/prompt/tags.ts';
import { parseWeights } from '#core/prompt/weights.ts';
import { emptyWindow, type TokenWindow, toWindows } from '#core/prompt/windows.ts';
import type { GenerateEvent } from '#engine/api.ts';
import type { OpenModel } from './model.ts';
import { checkWords, type Vocabularies } from './new-words.ts';
import { type Conditioning, encodeText, zerosLike } from './text.ts';

export interface Prompts {
  positive: (step: number) => Conditioning;
  /** Null where the walk is not guided by a second pass. */
  negative: ((step: number) => Conditioning) | null;
  textMs: number;
}

/**
 * Encodes both prompts for every step. Tells what was cut through `emit`.
 * @param vocabularies the words of the prompts that the model does not know by itself
 * @throws FailureError `adapter-mismatch` for a word that does not fit the model
 */
export async function preparePrompts(
  model: OpenModel,
  request: GenerateRequest,
  vocabularies: Vocabularies,
  signal: AbortSignal,
  emit: (event: GenerateEvent) => void,
): Promise<Prompts> {
  const startedAt = performance.now();
  emit({ kind: 'text' });
  const notify = (notice: Notice | null) => {
    if (notice !== null) emit({ kind: 'notice', notice });
  };
  checkWords(vocabularies, model.manifest, (part) => model.words(part)?.width ?? null);
  const worded = { model, vocabularies };
  const { guidance, conditioning } = model.manifest;
  const guided = guidance.kind === 'classifier-free' && request.guidanceScale > 1;
  const positive = await encodeSteps(worded, request.prompt, 'prompt', request.steps, signal, notify);
  let negative: Prompts['negative'] = null;
  if (guided) {
    negative =
      conditioning.zeroForEmptyNegative && request.negativePrompt === ''
        ? (step) => zerosLike(positive(step))
        : await encodeSteps(worded, request.negativePrompt, 'negative', request.steps, signal, notify);
  }
  return { positive, negative, textMs: performance.now() - startedAt };
}

interface Worded {
  model: OpenModel;
  vocabularies: Vocabularies;
}

async function encodeSteps(
  worded: Worded,
  given: string,
  where: 'prompt' | 'negative',
  steps: number,
  signal: AbortSignal,
  notify: (notice: Notice | null) => void,
): Promise<(step: number) => Conditioning> {
  const clean = cleanPrompt(given, where);
  notify(clean.notice);
  const { text, tags } = extractTags(clean.text);
  // Adapters are turned on by the prompt alone, as in the field.
  const ignored = tags.filter((tag) => where === 'negative' || readLoraTag(tag) === null);
  if (ignored.length > 0) notify({ code: 'tags-ignored', where, count: ignored.length });
  const spans = promptSteps(text, steps);
  const encoded = new Map<string, Conditioning>();
  for (const span of spans) {
    if (encoded.has(span.text)) continue;
    signal.throwIfAborted();
    const windows = windowsOf(worded, span.text, where, notify);
    encoded.set(span.text, await encodeText(worded.model, windows, worded.vocabularies));
  }
  return (step) => encoded.get(spans.find((span) => step < span.untilStep)!.text)!;
}

/** Windows for each text encoder, the shorter lists filled up with empty ones so that features can be joined. */
function windowsOf(
  { model, vocabularies }: Worded,
  text: string,
  where: 'prompt' | 'negative',
  notify: (notice: Notice | null) => void,
): TokenWindow[][] {
  const segments = parseWeights(text);
  const specs = model.manifest.textEncoders.map(({ tokenizer }) => model.manifest.tokenizers[tokenizer]!);
  const lists = model.manifest.textEncoders.map(({ tokenizer }, i) => {
    const words = vocabularies?.get(`text${i + 1}` as Component)?.words ?? [];
    const encode = withNewWords(model.encode(tokenizer), words);
    const { windows, notice } = toWindows(segments, encode, specs[i]!, { where });
    // Encoders of one model cut alike; saying it once is enough.
    if (i === 0) notify(notice);
    return windows;
  });
  const longest = Math.max(...lists.map((windows) => windows.length));
  return lists.map((windows, i) => [
    ...windows,
    ...Array.from({ length: longest - windows.length }, () => emptyWindow(specs[i]!)),
  ]);
}
