/** A picture that was dropped, pasted or opened: what it says of itself, and what of that is to be taken. Data only. */
import { create } from 'zustand';
import type { Recalled } from '#core/metadata/recall.ts';

export interface OpenPicture {
  file: File;
  /** Object URL of the file; null where it is too large to be decoded. */
  url: string | null;
  kind: 'png' | 'jpeg' | 'webp';
  widthPx: number;
  heightPx: number;
  /** Null where it carries no settings. */
  recalled: Recalled | null;
  /** Keys of `RecallItem` that are not taken although they could be. */
  left: readonly string[];
  /** Hashes of its source and its mask that this browser does not have. */
  absent: readonly string[];
}

export const useRecall = create<{ picture: OpenPicture | null }>(() => ({ picture: null }));
