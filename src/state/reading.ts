/** How this person wants pictures read: remembered. And which models can read them. */
import { create } from 'zustand';
import type { CaptionerChoice } from '#engine/captioner-api.ts';

export interface ReadingPreferences {
  /** Every picture made is described and compared with its prompt when the studio has nothing else to do. */
  isAutomatic: boolean;
  /** Pictures in which a concept of the list is found are blurred. */
  isSafetyOn: boolean;
  /** Added to every threshold of the list: below 0 finds more, above 0 less. */
  safetyShift: number;
  /** Id of the captioner; empty takes the first that there is. */
  modelId: string;
}

export const DEFAULT_READING: ReadingPreferences = {
  isAutomatic: true,
  isSafetyOn: false,
  safetyShift: 0,
  modelId: '',
};

export const useReading = create<ReadingPreferences>(() => DEFAULT_READING);

/** Null until they were listed. */
export const useCaptioners = create<{ captioners: CaptionerChoice[] | null }>(() => ({ captioners: null }));
