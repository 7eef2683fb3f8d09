/** Pictures of the gallery that are being compared. Data only. */
import { create } from 'zustand';
import type { StoredCard } from '#storage/gallery.ts';

export type CompareMode = 'slider' | 'side' | 'blink' | 'difference';

export interface ComparedPicture {
  card: StoredCard;
  /** Object URL of the file in full size. */
  url: string;
}

export const MAX_COMPARED = 9;

export interface CompareState {
  pictures: readonly ComparedPicture[];
  /** Ids of the two that slider and difference show. */
  left: string;
  right: string;
  mode: CompareMode;
}

export const useCompare = create<CompareState>(() => ({ pictures: [], left: '', right: '', mode: 'slider' }));
