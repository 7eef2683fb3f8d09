/** What was asked: one type from the form to the PNG and back. */

/** Seeds are what torch's CPU generator takes in 32 bits. */
export const MAX_SEED = 4_294_967_295;
export const MAX_COUNT = 16;

/** Weights of adapters, either way from zero. */
export const MAX_ADAPTER_WEIGHT = 4;
export const MAX_ADAPTERS = 16;
/** Characters of a file's name. */
export const MAX_ADAPTER_NAME = 200;

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
}

/** Seed of picture `index` (from 0) of a request. */
export function pictureSeed(seed: number, index: number): number {
  return (seed + index) % (MAX_SEED + 1);
}
