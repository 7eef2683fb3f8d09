/** The two prompts of a picture, read once: each distinct text of the walk is encoded one time. */
import type { Notice } from '#core/failure.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { cleanPrompt } from '#core/prompt/clean.ts';
import { promptSteps } from '#core/prompt/schedule.ts';
import { extractTags, readLoraTag } from '#core/prompt/tags.ts';
import { parseWeights } from '#core/prompt/weights.ts';
import { emptyWindow, type TokenWindow, toWindows } from '#core/prompt/windows.ts';
import type { GenerateEvent } from '#engine/api.ts';
import type { OpenModel } from './model.ts';
import { type Conditioning, encodeText, zerosLike } from './text.ts';

export interface Prompts {
  positive: (step: number) => Conditioning;
  /** Null where the walk is not guided by a second pass. */
  negative: ((step: number) => Conditioning) | null;
  textMs: number;
}

/** Encodes both prompts for every step. Tells what was cut through `emit`. */
export async function preparePrompts(
  model: OpenModel,
  request: GenerateRequest,
  signal: AbortSignal,
  emit: (event: GenerateEvent) => void,
): Promise<Prompts> {
  const startedAt = performance.now();
  emit({ kind: 'text' });
  const notify = (notice: Notice | null) => {
    if (notice !== null) emit({ kind: 'notice', notice });
  };
  const { guidance, conditioning } = model.manifest;
  const guided = guidance.kind === 'classifier-free' && request.guidanceScale > 1;
  const positive = await encodeSteps(model, request.prompt, 'prompt', request.steps, signal, notify);
  let negative: Prompts['negative'] = null;
  if (guided) {
    negative =
      conditioning.zeroForEmptyNegative && request.negativePrompt === ''
        ? (step) => zerosLike(positive(step))
        : await encodeSteps(model, request.negativePrompt, 'negative', request.steps, signal, notify);
  }
  return { positive, negative, textMs: performance.now() - startedAt };
}

async function encodeSteps(
  model: OpenModel,
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
    encoded.set(span.text, await encodeText(model, windowsOf(model, span.text, where, notify)));
  }
  return (step) => encoded.get(spans.find((span) => step < span.untilStep)!.text)!;
}

/** Windows for each text encoder, the shorter lists filled up with empty ones so that features can be joined. */
function windowsOf(
  model: OpenModel,
  text: string,
  where: 'prompt' | 'negative',
  notify: (notice: Notice | null) => void,
): TokenWindow[][] {
  const segments = parseWeights(text);
  const specs = model.manifest.textEncoders.map(({ tokenizer }) => model.manifest.tokenizers[tokenizer]!);
  const lists = model.manifest.textEncoders.map(({ tokenizer }, i) => {
    const { windows, notice } = toWindows(segments, model.encode(tokenizer), specs[i]!, { where });
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
