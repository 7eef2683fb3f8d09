/** The run that a tab left unfinished when it died; null when there is none. */
import { create } from 'zustand';
import type { InterruptedRun } from '#storage/journal.ts';

export interface InterruptedState {
  run: InterruptedRun | null;
}

export const useInterrupted = create<InterruptedState>(() => ({ run: null }));
