/** The picture that is being enlarged, or the last one for which that failed. Data only. */
import { create } from 'zustand';
import type { Failure } from '#core/failure.ts';

export interface Upscale {
  /** Of the picture that is enlarged. */
  pictureId: string;
  /** Null until the first tile is done. */
  progress: { tile: number; tiles: number; secondsLeft: number | null } | null;
  isCancelling: boolean;
  /** Null while it runs. */
  failure: Failure | null;
}

export interface UpscaleState {
  upscale: Upscale | null;
}

export const useUpscale = create<UpscaleState>(() => ({ upscale: null }));

export function isUpscaling({ upscale }: UpscaleState): boolean {
  return upscale !== null && upscale.failure === null;
}
