/** The jobs that a tab left unfinished when it died, in their order. */
import { create } from 'zustand';
import type { KeptJob } from '#core/queue/queue.ts';

export interface InterruptedState {
  jobs: readonly KeptJob[];
  /** They are being forgotten; until the disk has done so, closing the tab would bring them back. */
  isForgetting: boolean;
}

export const useInterrupted = create<InterruptedState>(() => ({ jobs: [], isForgetting: false }));
