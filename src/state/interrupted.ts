/** The jobs that a tab left unfinished when it died, in their order. */
import { create } from 'zustand';
import type { KeptJob } from '#core/queue/queue.ts';

export interface InterruptedState {
  jobs: readonly KeptJob[];
}

export const useInterrupted = create<InterruptedState>(() => ({ jobs: [] }));
