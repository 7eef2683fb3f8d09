/** Everything a finished picture says about itself. */
import type { AdapterUse, GenerateRequest, WordUse } from '#core/pipeline/request.ts';
import { formatLoraTag } from '#core/prompt/tags.ts';
import { formatInfotext } from './infotext.ts';
import type { PngText } from './png-text.ts';
import { formatRequest } from './request-text.ts';
import { trainedMediaXmp } from './xmp.ts';

/** What wrote the picture, as `Version` has it. */
export const VERSION = 'kiln 0.1.0';
export const INFOTEXT_KEYWORD = 'parameters';

/** What a request names by id, in the words of the field. */
export interface PictureNames {
  samplerLabel: string;
  scheduleLabel: string;
  modelName: string;
  /** First ten hex digits of the sha-256 of the denoiser's weights, as the field shortens it; `null` leaves it out. */
  modelHash: string | null;
  /** What enlarges between two passes. */
  upscalerName?: string;
}

/** The field's `parameters` text of one picture. */
export function requestInfotext(request: GenerateRequest, names: PictureNames): string {
  return formatInfotext({
    prompt: promptWithTags(request),
    negativePrompt: request.negativePrompt,
    fields: [
      ['Steps', request.steps],
      ['Sampler', names.samplerLabel],
      ['Schedule type', names.scheduleLabel],
      ['CFG scale', request.guidanceScale],
      ['Seed', request.seed],
      ['Size', `${request.widthPx}x${request.heightPx}`],
      ['Model hash', names.modelHash],
      ['Model', names.modelName],
      // The noise is torch's CPU generator's; without the key readers assume a GPU's.
      ['RNG', 'CPU'],
      ['Lora hashes', loraHashes(request.adapters ?? [])],
      ['TI hashes', wordHashes(request.words ?? [])],
      ...variationFields(request),
      ...initFields(request),
      ...hiresFields(request, names),
      ['Kit', request.kit?.name ?? null],
      ...templateFields(request),
      ['Guidance rescale', request.guidanceRescale === 0 ? null : request.guidanceRescale],
      ['Version', VERSION],
    ],
  });
}

type Field = readonly [key: string, value: string | number | null];

function variationFields({ variation }: GenerateRequest): Field[] {
  if (variation === undefined) return [];
  return [
    ['Variation seed', variation.seed],
    ['Variation seed strength', variation.strength],
  ];
}

/** The field's words: it calls the areas and contents so, and leaves out what is its default. */
function initFields({ init }: GenerateRequest): Field[] {
  if (init === undefined) return [];
  const { mask } = init;
  return [
    ['Denoising strength', init.strength],
    ['Init image hash', init.sha256.slice(0, 10)],
    ['Mask blur', mask === undefined || mask.blurPx === 0 ? null : mask.blurPx],
    ['Inpaint area', mask?.onlyMasked ? 'Only masked' : null],
    ['Masked area padding', mask?.onlyMasked?.paddingPx ?? null],
    ['Masked content', mask === undefined ? null : MASKED_CONTENT[mask.content]],
  ];
}

const MASKED_CONTENT = { original: null, fill: 'fill', noise: 'latent noise' } as const;

function hiresFields({ hires }: GenerateRequest, { upscalerName }: PictureNames): Field[] {
  if (hires === undefined) return [];
  return [
    ['Denoising strength', hires.strength],
    ['Hires upscale', hires.scale],
    ['Hires steps', hires.steps],
    ['Hires upscaler', upscalerName ?? null],
  ];
}

/** With more the line of pairs comes near the length that readers take; the request beside it has all. */
const MAX_TEMPLATE_CHARACTERS = 4096;

/** What the form said: the first two as the field's extension for choices and lists has them. */
function templateFields({ template }: GenerateRequest): Field[] {
  if (template === undefined) return [];
  const { prompt, negativePrompt, styles } = template;
  if (JSON.stringify(template).length > MAX_TEMPLATE_CHARACTERS) return [];
  return [
    ['Template', prompt],
    ['Negative Template', negativePrompt === '' ? null : negativePrompt],
    ['Styles', styles.length === 0 ? null : JSON.stringify(styles)],
  ];
}

/** Other tools turn adapters on by tags: those that the prompt does not have yet follow it. */
function promptWithTags({ prompt, adapters = [] }: GenerateRequest): string {
  const tags = adapters.filter(({ inPrompt }) => !inPrompt).map(formatLoraTag);
  return [prompt, ...tags].join(' ');
}

function loraHashes(adapters: readonly AdapterUse[]): string | null {
  return adapters.length === 0
    ? null
    : adapters.map(({ name, loraHash }) => `${name}: ${loraHash}`).join(', ');
}

/** The list has no quotes of its own: signs that part its entries are left out of names, as the field does. */
function wordHashes(words: readonly WordUse[]): string | null {
  return words.length === 0
    ? null
    : words.map(({ word, fileHash }) => `${word.replaceAll(/[:,]/g, '')}: ${fileHash}`).join(', ');
}

/**
 * The entries for `insertTexts`: the field's text, the request itself, and how the picture came to be.
 * @param request of one picture: its own seed, count 1
 */
export function pictureTexts(request: GenerateRequest, names: PictureNames): PngText[] {
  return [
    { keyword: INFOTEXT_KEYWORD, text: requestInfotext(request, names) },
    formatRequest(request),
    trainedMediaXmp(),
  ];
}
