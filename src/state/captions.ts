/** A folder of pictures that get captions beside them. Data only. */
import { create } from 'zustand';
import type { Failure } from '#core/failure.ts';

export interface CaptionItem {
  id: string;
  /** In its folder, with slashes. */
  path: string;
  /** Object URL of the picture; null for a file that must not be unpacked. */
  url: string | null;
  text: string;
  /** `given`: the text lay beside the picture already. */
  state: 'waiting' | 'running' | 'done' | 'given' | 'failed';
  failure: Failure | null;
}

export interface CaptionsState {
  items: CaptionItem[];
  trigger: string;
  isRunning: boolean;
  /** Captions can be written right into the folder that was picked. */
  hasFolder: boolean;
  /** What was saved last and where, for a sentence. */
  saved: { count: number; where: 'zip' | 'folder' } | null;
  failure: Failure | null;
}

export const NO_CAPTIONS: CaptionsState = {
  items: [],
  trigger: '',
  isRunning: false,
  hasFolder: false,
  saved: null,
  failure: null,
};

export const useCaptions = create<CaptionsState>(() => NO_CAPTIONS);
