/** The picture that is being talked about, and the conversation. Data only. */
import { create } from 'zustand';
import type { Failure } from '#core/failure.ts';
import type { Described } from '#engine/captioner-api.ts';

/** One thing said: what was asked (null asks for a description), and what came. */
export interface Turn {
  id: number;
  question: string | null;
  /** What has come so far. */
  text: string;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  failure: Failure | null;
  /** Null until it is done. */
  described: Described | null;
}

export interface DescribedPicture {
  /** A picture of the gallery, or null for one that was given. */
  pictureId: string | null;
  /** Object URL of its file; null for one that must not be unpacked. */
  url: string | null;
  name: string;
}

export interface DescribeState {
  picture: DescribedPicture | null;
  turns: Turn[];
  /** What the worker does before the first word comes. */
  phase: 'loading' | 'preparing' | 'seeing' | 'words';
  /** 0 to 1 of the model's files; null where nothing is fetched. */
  loaded: number | null;
}

export const useDescribe = create<DescribeState>(() => ({
  picture: null,
  turns: [],
  phase: 'loading',
  loaded: null,
}));

export function isDescribing({ turns }: DescribeState): boolean {
  return turns.at(-1)?.state === 'running';
}
