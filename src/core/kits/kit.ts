/**
 * A brand as one thing: adapters with their weights, the words around a prompt, what to leave out, and settings. A kit
 * dresses a request when it is frozen; the form keeps the person's own words.
 */
import * as v from 'valibot';
import {
  type AdapterUse,
  MAX_ADAPTER_NAME,
  MAX_ADAPTER_WEIGHT,
  MAX_ADAPTERS,
  type PromptPair,
} from '../pipeline/request.ts';
import { frame } from '../prompt/frame.ts';

export const MAX_KIT_NAME = 60;
export const MAX_FRAME_CHARACTERS = 2000;
export const MAX_KITS = 1000;

const weight = v.pipe(v.number(), v.minValue(-MAX_ADAPTER_WEIGHT), v.maxValue(MAX_ADAPTER_WEIGHT));
const whole = (max: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(max));
const words = v.pipe(v.string(), v.maxLength(MAX_FRAME_CHARACTERS));
const choice = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

const kitAdapter = v.strictObject({
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** As of `AdapterUse`; zeros while the file was never here. */
  loraHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/)),
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_ADAPTER_NAME)),
  textWeight: weight,
  denoiserWeight: weight,
});

const defaults = v.strictObject({
  steps: v.exactOptional(whole(10_000)),
  guidanceScale: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1000))),
  size: v.exactOptional(v.strictObject({ widthPx: whole(65_536), heightPx: whole(65_536) })),
  sampler: v.exactOptional(choice),
  schedule: v.exactOptional(choice),
});

export const kitSchema = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,63}$/)),
  name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(MAX_KIT_NAME)),
  colour: v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/)),
  adapters: v.pipe(v.array(kitAdapter), v.maxLength(MAX_ADAPTERS), v.readonly()),
  /** Words around the person's own; empty for none. */
  frame: words,
  negativePrompt: words,
  /** Settings that choosing the kit puts into the form. */
  defaults,
});

export type Kit = v.InferOutput<typeof kitSchema>;
export type KitAdapter = v.InferOutput<typeof kitAdapter>;
export type KitDefaults = v.InferOutput<typeof defaults>;

/** What a dressed request remembers, so that it can be undressed and is never dressed twice. */
export interface KitNote {
  readonly id: string;
  readonly name: string;
  /** The person's own, without the frame. */
  readonly words: string;
  readonly negativeWords: string;
  /** The same of each picture, where their texts differ. */
  readonly each?: readonly PromptPair[];
  /** Files of the adapters that the kit brought, by sha256. */
  readonly brought: readonly string[];
}

export interface Dressable {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly prompts?: readonly PromptPair[];
  readonly adapters?: readonly AdapterUse[];
  readonly kit?: KitNote;
}

/**
 * Puts a kit on. What is dressed already stays as it is, so that applying twice is applying once. An adapter that is
 * on already keeps the weight it has: the person's own choice is the later one.
 */
export function applyKit<T extends Dressable>(asked: T, kit: Kit): T & { readonly kit: KitNote } {
  if (asked.kit !== undefined) return { ...asked, kit: asked.kit };
  const own = asked.adapters ?? [];
  const on = new Set(own.filter(({ inPrompt }) => !inPrompt).map(({ sha256 }) => sha256));
  const brought = kit.adapters.filter(({ sha256 }) => !on.has(sha256));
  return {
    ...asked,
    ...dressed(asked, kit),
    ...(asked.prompts === undefined ? {} : { prompts: asked.prompts.map((pair) => dressed(pair, kit)) }),
    adapters: [...own, ...brought.map((adapter) => ({ ...adapter, inPrompt: false }))],
    kit: {
      id: kit.id,
      name: kit.name,
      words: asked.prompt,
      negativeWords: asked.negativePrompt,
      ...(asked.prompts === undefined ? {} : { each: asked.prompts }),
      brought: brought.map(({ sha256 }) => sha256),
    },
  };
}

function dressed({ prompt, negativePrompt }: PromptPair, kit: Kit): PromptPair {
  return { prompt: framed(prompt, kit.frame), negativePrompt: joined(negativePrompt, kit.negativePrompt) };
}

/** Without words of their own a person asks for nothing, whatever stands around it. */
export function framed(prompt: string, frameText: string): string {
  return prompt.trim() === '' || frameText.trim() === '' ? prompt : frame(prompt, [frameText]);
}

function joined(own: string, added: string): string {
  if (added.trim() === '') return own;
  return own.trim() === '' ? added : `${own}, ${added}`;
}

export interface Undressed extends PromptPair {
  prompts?: readonly PromptPair[];
  adapters: readonly AdapterUse[];
}

/** Takes a kit off: the person's own words and adapters, whether the kit is still what it was or not. */
export function takeOffKit({ prompt, negativePrompt, prompts, adapters = [], kit }: Dressable): Undressed {
  if (kit === undefined)
    return { prompt, negativePrompt, adapters, ...(prompts === undefined ? {} : { prompts }) };
  const brought = new Set<string | null>(kit.brought);
  return {
    prompt: kit.words,
    negativePrompt: kit.negativeWords,
    ...(kit.each === undefined ? {} : { prompts: kit.each }),
    adapters: adapters.filter(({ sha256, inPrompt }) => inPrompt || !brought.has(sha256)),
  };
}

/** Whether this kit, put on the person's own words again, is what the request was dressed in. */
export function isWornAsIs(asked: Dressable, kit: Kit): boolean {
  if (asked.kit === undefined) return false;
  const again = applyKit<Dressable>(takeOffKit(asked), kit);
  // A model without negative prompts left it out.
  const negatives = asked.negativePrompt === '' || asked.negativePrompt === again.negativePrompt;
  return asked.prompt === again.prompt && negatives && onList(asked) === onList(again);
}

function onList({ adapters = [] }: Dressable): string {
  return adapters
    .filter(({ inPrompt }) => !inPrompt)
    .map(({ sha256, textWeight, denoiserWeight }) => `${sha256} ${textWeight} ${denoiserWeight}`)
    .sort()
    .join('\n');
}
