/** The request itself, whole, in the picture it made: what recall prefers over the field's text. */
import * as v from 'valibot';
import { type KitNote, MAX_KIT_NAME } from '#core/kits/kit.ts';
import {
  type AdapterUse,
  type GenerateRequest,
  type HiresUse,
  type InitUse,
  type PromptTemplate,
  MAX_ADAPTER_NAME,
  MAX_ADAPTER_WEIGHT,
  MAX_ADAPTERS,
  MAX_COUNT,
  MAX_EXTEND_PX,
  MAX_HIRES_SCALE,
  MAX_MASK_BLUR_PX,
  MAX_MASK_PADDING_PX,
  MAX_SEED,
  type MaskUse,
  type VariationUse,
  MAX_STYLE_NAME,
  MAX_STYLES_ON,
  MAX_WORD_CHARACTERS,
  MAX_WORD_USES,
  type WordUse,
} from '#core/pipeline/request.ts';
import { MAX_PROMPT_CHARACTERS } from '#core/prompt/clean.ts';
import type { PngText } from './png-text.ts';

export const REQUEST_KEYWORD = 'kiln';

/** A request's JSON is shorter: prompts as typed, framed and as template, six bytes a character at the worst, adapters, words, and a few numbers. */
const MAX_CHARACTERS =
  6 * 6 * MAX_PROMPT_CHARACTERS +
  4096 +
  MAX_STYLES_ON * MAX_STYLE_NAME * 6 +
  (MAX_ADAPTERS + MAX_WORD_USES) * 2048;
/** Beyond any model: which steps and sizes one supports is for `checkRequest`. */
const MAX_STEPS = 10_000;
const MAX_SIDE_PX = 65_536;

const whole = (min: number, max: number) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max));
const within = (min: number, max: number) => v.pipe(v.number(), v.minValue(min), v.maxValue(max));
const prompt = v.pipe(v.string(), v.maxLength(MAX_PROMPT_CHARACTERS));
const name = v.pipe(v.string(), v.maxLength(64));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const adapterWeight = within(-MAX_ADAPTER_WEIGHT, MAX_ADAPTER_WEIGHT);
const adapter = v.strictObject({
  sha256: v.nullable(sha256),
  loraHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/)),
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_ADAPTER_NAME)),
  textWeight: adapterWeight,
  denoiserWeight: adapterWeight,
  inPrompt: v.boolean(),
} satisfies Record<keyof AdapterUse, v.GenericSchema>);

/** The list of adapters of a request. */
export const adapterUsesSchema = v.pipe(v.array(adapter), v.maxLength(MAX_ADAPTERS), v.readonly());

const wordUse = v.strictObject({
  word: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_WORD_CHARACTERS)),
  fileHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/)),
} satisfies Record<keyof WordUse, v.GenericSchema>);

const extendPx = whole(0, MAX_EXTEND_PX);
const mask = v.strictObject({
  sha256: v.nullable(sha256),
  content: v.picklist(['original', 'fill', 'noise']),
  blurPx: within(0, MAX_MASK_BLUR_PX),
  onlyMasked: v.nullable(v.strictObject({ paddingPx: whole(0, MAX_MASK_PADDING_PX) })),
} satisfies Record<keyof MaskUse, v.GenericSchema>);

/** The picture that a request starts from. */
export const initSchema = v.pipe(
  v.strictObject({
    sha256,
    strength: within(0, 1),
    fit: v.picklist(['crop', 'pad', 'stretch']),
    extend: v.exactOptional(
      v.strictObject({ leftPx: extendPx, topPx: extendPx, rightPx: extendPx, bottomPx: extendPx }),
    ),
    mask: v.exactOptional(mask),
  } satisfies Record<keyof InitUse, v.GenericSchema>),
  v.readonly(),
);

export const variationSchema = v.pipe(
  v.strictObject({ seed: whole(0, MAX_SEED), strength: within(0, 1) } satisfies Record<
    keyof VariationUse,
    v.GenericSchema
  >),
  v.readonly(),
);

export const hiresSchema = v.pipe(
  v.strictObject({
    scale: within(1, MAX_HIRES_SCALE),
    steps: whole(1, MAX_STEPS),
    strength: within(0, 1),
  } satisfies Record<keyof HiresUse, v.GenericSchema>),
  v.readonly(),
);
const pair = { prompt, negativePrompt: prompt };
const kitNote = v.strictObject({
  id: name,
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_KIT_NAME)),
  words: prompt,
  negativeWords: prompt,
  each: v.exactOptional(v.pipe(v.array(v.strictObject(pair)), v.maxLength(MAX_COUNT), v.readonly())),
  brought: v.pipe(
    v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
    v.maxLength(MAX_ADAPTERS),
    v.readonly(),
  ),
} satisfies Record<keyof KitNote, v.GenericSchema>);

const template = v.strictObject({
  ...pair,
  styles: v.pipe(
    v.array(v.pipe(v.string(), v.maxLength(MAX_STYLE_NAME))),
    v.maxLength(MAX_STYLES_ON),
    v.readonly(),
  ),
} satisfies Record<keyof PromptTemplate, v.GenericSchema>);

/** A request of the right kinds within a sane range, from whoever wrote it; nothing else beside it. */
export const requestSchema = v.strictObject({
  modelId: name,
  revision: v.exactOptional(v.pipe(v.string(), v.maxLength(200))),
  prompt,
  negativePrompt: prompt,
  seed: whole(0, MAX_SEED),
  steps: whole(1, MAX_STEPS),
  sampler: name,
  schedule: name,
  guidanceScale: within(0, 1000),
  guidanceRescale: within(0, 1),
  widthPx: whole(1, MAX_SIDE_PX),
  heightPx: whole(1, MAX_SIDE_PX),
  count: whole(1, MAX_COUNT),
  adapters: v.exactOptional(adapterUsesSchema),
  words: v.exactOptional(v.pipe(v.array(wordUse), v.maxLength(MAX_WORD_USES), v.readonly())),
  init: v.exactOptional(initSchema),
  variation: v.exactOptional(variationSchema),
  hires: v.exactOptional(hiresSchema),
  prompts: v.exactOptional(v.pipe(v.array(v.strictObject(pair)), v.maxLength(MAX_COUNT), v.readonly())),
  template: v.exactOptional(template),
  kit: v.exactOptional(kitNote),
} satisfies Record<keyof GenerateRequest, v.GenericSchema>);

const schema = v.strictObject({ format: v.literal(1), request: requestSchema });

export type RequestResult = { ok: true; request: GenerateRequest } | { ok: false; reason: string };

/** @param request of one picture: its own seed, count 1 */
export function formatRequest(request: GenerateRequest): PngText {
  return { keyword: REQUEST_KEYWORD, text: JSON.stringify({ format: 1, request }) };
}

/**
 * Reads `formatRequest`'s text back, from whoever wrote it.
 * @returns a request whose values have the right kind and a sane range, or one clause that names the first fault
 */
export function parseRequest(text: string): RequestResult {
  if (text.length > MAX_CHARACTERS) return { ok: false, reason: 'too long' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'not JSON' };
  }
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return { ok: true, request: parsed.output.request };
  const issue = parsed.issues[0];
  return { ok: false, reason: `${v.getDotPath(issue) ?? 'request'}: ${issue.message}` };
}
