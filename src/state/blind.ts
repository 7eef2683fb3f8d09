/** The blind test: how the next one is set up, the one that is open, and earlier ones. Data only. */
import { create } from 'zustand';
import type { BlindTest } from '#core/blind/blind-test.ts';
import type { Failure } from '#core/failure.ts';
import type { AxisKind } from '#state/grid.ts';

export interface BlindSetup {
  /** What the two configurations differ in. */
  kind: AxisKind;
  /** A number as it is typed, or the id of a choice. */
  a: string;
  b: string;
  /** One a line. */
  prompts: string;
  seeds: string;
}

export interface BlindState {
  setup: BlindSetup;
  /** Newest first. */
  tests: readonly BlindTest[];
  open: BlindTest | null;
  /** `pair:side` of the open test's pictures that are drawn. */
  drawn: ReadonlySet<string>;
  /** Object URLs of the pair in view. */
  urls: { pair: number; a: string; b: string } | null;
  /** Of the pictures that are still to be drawn; null while none is. */
  drawing: { done: number; total: number; fraction: number } | null;
  failure: Failure | null;
}

export const useBlind = create<BlindState>(() => ({
  setup: { kind: 'steps', a: '', b: '', prompts: '', seeds: '1-2' },
  tests: [],
  open: null,
  drawn: new Set(),
  urls: null,
  drawing: null,
  failure: null,
}));

/** The first pair that waits for a vote and can be looked at; null when there is none. */
export function nextPair({ open, drawn }: Pick<BlindState, 'open' | 'drawn'>): number | null {
  const at = (open?.pairs ?? []).findIndex(
    ({ vote }, k) => vote === null && drawn.has(`${k}:a`) && drawn.has(`${k}:b`),
  );
  return at === -1 ? null : at;
}
