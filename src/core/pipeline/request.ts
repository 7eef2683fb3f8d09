/** What was asked: one type from the form to the PNG and back. */

/** Seeds are what torch's CPU generator takes in 32 bits. */
export const MAX_SEED = 4_294_967_295;
export const MAX_COUNT = 16;

export interface GenerateRequest {
  readonly modelId: string;
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
}

/** Seed of picture `index` (from 0) of a request. */
export function pictureSeed(seed: number, index: number): number {
  return (seed + index) % (MAX_SEED + 1);
}
