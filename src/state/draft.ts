/** What the form says now: the next request, not yet frozen. */
import { create } from 'zustand';
import type { AdapterUse, HiresUse, InitUse, VariationUse } from '#core/pipeline/request.ts';

export interface Draft {
  modelId: string;
  prompt: string;
  negativePrompt: string;
  /** The seed in the field: the next one when locked, else the last one used. */
  seed: number;
  isSeedLocked: boolean;
  steps: number;
  sampler: string;
  schedule: string;
  guidanceScale: number;
  guidanceRescale: number;
  widthPx: number;
  heightPx: number;
  count: number;
  /** As of `GenerateRequest`: those that are on besides tags of the prompt, and notes of which files tags meant. */
  adapters: readonly AdapterUse[];
  /** The kit that the next request wears; empty for none. */
  kitId: string;
  /** Names of the styles that are on, in their order. */
  styles: readonly string[];
  /** Null where a request is drawn from words alone, in one pass, of its own seed. */
  init: InitUse | null;
  variation: VariationUse | null;
  hires: HiresUse | null;
}

/** From words alone, in one pass. What puts a whole request into the form says this first. */
export const NO_PICTURES: Pick<Draft, 'init' | 'variation' | 'hires'> = {
  init: null,
  variation: null,
  hires: null,
};

/** Zeros and empty ids mean "not chosen yet": the manifest's defaults fill them as soon as a model is known. */
export const EMPTY_DRAFT: Draft = {
  modelId: '',
  prompt: '',
  negativePrompt: '',
  seed: 0,
  isSeedLocked: false,
  steps: 0,
  sampler: '',
  schedule: '',
  guidanceScale: Number.NaN,
  guidanceRescale: 0,
  widthPx: 0,
  heightPx: 0,
  count: 1,
  adapters: [],
  kitId: '',
  styles: [],
  ...NO_PICTURES,
};

export const useDraft = create<Draft>(() => EMPTY_DRAFT);
