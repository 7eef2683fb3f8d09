/** What was asked: one type from the form to the PNG and back. */
import type { KitNote } from '../kits/kit.ts';

/** Seeds are what torch's CPU generator takes in 32 bits. */
export const MAX_SEED = 4_294_967_295;
export const MAX_COUNT = 16;

/** Weights of adapters, either way from zero. */
export const MAX_ADAPTER_WEIGHT = 4;
export const MAX_ADAPTERS = 16;
/** Characters of a file's name. */
export const MAX_ADAPTER_NAME = 200;
/** Words of textual inversions that one picture remembers. */
export const MAX_WORD_USES = 64;
/** Of one such word; what its file tells is cut to 200 and a sign for it. */
export const MAX_WORD_CHARACTERS = 201;

/** Pixels that an edge of the frame may move out by. */
export const MAX_EXTEND_PX = 4096;
export const MAX_MASK_BLUR_PX = 64;
export const MAX_MASK_PADDING_PX = 512;
export const MAX_HIRES_SCALE = 4;

/** How a picture of another shape meets the size that is drawn: cut, framed by its edges, or stretched. */
export type Fit = 'crop' | 'pad' | 'stretch';

/** What stands under the mask before the first step: the picture, the colours around, or noise. */
export type MaskedContent = 'original' | 'fill' | 'noise';

/** How far each edge of the source moves out, in pixels of the source. */
export interface Extend {
  readonly leftPx: number;
  readonly topPx: number;
  readonly rightPx: number;
  readonly bottomPx: number;
}

/** Which part of a source is drawn anew. */
export interface MaskUse {
  /** Of a picture file in `storage/inputs.ts`: what is light is drawn anew. Null where only the frame grows. */
  readonly sha256: string | null;
  readonly content: MaskedContent;
  /** Standard deviation of the soft edge, in pixels of the picture that the mask lies on. */
  readonly blurPx: number;
  /**
   * The masked area with so much around it is drawn at the full size and put back, and the result keeps the source's
   * own size. Null draws the whole picture.
   */
  readonly onlyMasked: { readonly paddingPx: number } | null;
}

/** The picture to start from. */
export interface InitUse {
  /** Of its file in `storage/inputs.ts`. */
  readonly sha256: string;
  /** Over 0 to 1: the share of the steps that is walked. 1 forgets the picture, but for what a mask keeps. */
  readonly strength: number;
  readonly fit: Fit;
  /** Needs a mask; what is new in the frame is always masked. */
  readonly extend?: Extend;
  readonly mask?: MaskUse;
}

/** Another seed's noise mixed in. */
export interface VariationUse {
  /** Picture k of the request takes seed + k here, and the request's own seed as it is. */
  readonly seed: number;
  /** 0 to 1: how far from the own seed's noise to the other's, along the sphere. */
  readonly strength: number;
}

/** A second pass over the enlarged first one. */
export interface HiresUse {
  /** Over 1 to 4, of each side. */
  readonly scale: number;
  /** Of the whole schedule, of which `strength` is walked. */
  readonly steps: number;
  readonly strength: number;
}

/** Characters. */
export const MAX_STYLE_NAME = 100;
/** Of one prompt. */
export const MAX_STYLES_ON = 16;

/** An adapter and how strongly it is on. */
export interface AdapterUse {
  /** Of the file; null where a picture of another tool names only the short hash. */
  readonly sha256: string | null;
  /** The field's short hash: twelve hex digits of the sha256 of what follows the file's header. */
  readonly loraHash: string;
  /** The file's name without its ending. */
  readonly name: string;
  readonly textWeight: number;
  readonly denoiserWeight: number;
  /**
   * A tag of the prompt turns it on and says its weights; this entry only notes which file the tag meant. So a
   * recalled picture, whose prompt still has the tag, never applies it twice.
   */
  readonly inPrompt: boolean;
}

/** A word that a textual inversion brings. Prompts alone turn it on; this only notes which file it was. */
export interface WordUse {
  /** As prompts say it. */
  readonly word: string;
  /** The field's short hash: twelve hex digits of the file's sha256. */
  readonly fileHash: string;
}

/** The two texts of one picture. */
export interface PromptPair {
  readonly prompt: string;
  readonly negativePrompt: string;
}

/** What the form said, where styles, wildcards or choices made other prompts of it. */
export interface PromptTemplate extends PromptPair {
  /** Names of the styles that were on, in their order. */
  readonly styles: readonly string[];
}

export interface GenerateRequest {
  readonly modelId: string;
  /** The installed version that draws; without it the active one does. */
  readonly revision?: string;
  readonly prompt: string;
  readonly negativePrompt: string;
  /** 0 to 2³² − 1. Picture k of the request has the noise of seed + k (modulo 2³²). */
  readonly seed: number;
  readonly steps: number;
  /** An id of `sampling/samplers.ts`. */
  readonly sampler: string;
  /** An id of `sampling/schedules.ts`. */
  readonly schedule: string;
  readonly guidanceScale: number;
  /** 0 to 1: how far the guided prediction is rescaled to the conditional one's deviation (Lin et al. 2023, eq. 15-16). */
  readonly guidanceRescale: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** 1 to 16 pictures. */
  readonly count: number;
  /** Those that are on besides what tags of the prompt turn on; of a finished picture, all. */
  readonly adapters?: readonly AdapterUse[];
  /** Only of a finished picture: the words of its prompts that textual inversions brought. */
  readonly words?: readonly WordUse[];
  readonly init?: InitUse;
  readonly variation?: VariationUse;
  readonly hires?: HiresUse;
  /** The texts of each picture, as many as `count`, where they differ; `prompt` and `negativePrompt` are the first one's. */
  readonly prompts?: readonly PromptPair[];
  readonly template?: PromptTemplate;
  /** The kit that it wears already: prompts and adapters are the kit's and the person's together. */
  readonly kit?: KitNote;
}

/** Seed of picture `index` (from 0) of a request without a variation. */
export function pictureSeed(seed: number, index: number): number {
  return (seed + index) % (MAX_SEED + 1);
}

/** What picture `index` of a request is the picture of: as the field has it, variations count the other seed up. */
export function seedsOf(
  { seed, variation }: Pick<GenerateRequest, 'seed' | 'variation'>,
  index: number,
): Pick<GenerateRequest, 'seed' | 'variation'> {
  if (variation === undefined) return { seed: pictureSeed(seed, index) };
  return { seed, variation: { ...variation, seed: pictureSeed(variation.seed, index) } };
}

/** The size of the second pass, on a grid of `multiplePx`. */
export function hiresSize(
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  { scale }: Pick<HiresUse, 'scale'>,
  multiplePx: number,
): { widthPx: number; heightPx: number } {
  const grown = (side: number) => Math.max(side, Math.round((side * scale) / multiplePx) * multiplePx);
  return { widthPx: grown(widthPx), heightPx: grown(heightPx) };
}

/** The request that makes picture `index` (from 0) alone: its own seeds and texts. */
export function pictureRequest(request: GenerateRequest, index: number): GenerateRequest {
  const { prompts, kit, ...rest } = request;
  const worn = kit === undefined ? {} : { kit: noteFrom(kit, index, 1) };
  return { ...rest, ...prompts?.[index], ...worn, ...seedsOf(request, index), count: 1 };
}

/** The words of `count` pictures from picture `index` on. */
function noteFrom({ each, ...note }: KitNote, index: number, count: number): KitNote {
  const first = each?.[index];
  if (each === undefined || first === undefined) return note;
  const words = { words: first.prompt, negativeWords: first.negativePrompt };
  return { ...note, ...words, ...(count === 1 ? {} : { each: each.slice(index, index + count) }) };
}

/** What a run still owes after its first `finished` pictures; at least one is left. */
export function remainingRequest(request: GenerateRequest, finished: number): GenerateRequest {
  const left = request.prompts?.slice(finished);
  return {
    ...request,
    ...left?.[0],
    ...(left === undefined ? {} : { prompts: left }),
    ...(request.kit === undefined ? {} : { kit: noteFrom(request.kit, finished, request.count - finished) }),
    ...seedsOf(request, finished),
    count: request.count - finished,
  };
}
