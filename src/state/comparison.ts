/** Two versions of one model at the same request. */
import { create } from 'zustand';
import type { Failure } from '#core/failure.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { VersionKey } from '#engine/library-api.ts';

export interface Side {
  key: VersionKey;
  /** What this version was asked: the same words and seed, and what it cannot do at its own defaults. */
  request: GenerateRequest;
  state:
    | { kind: 'waiting' }
    /** `fraction` from 0 to 1; null while it loads. */
    | { kind: 'drawing'; fraction: number | null }
    | { kind: 'done'; url: string; elapsedMs: number }
    | { kind: 'cancelled' }
    | { kind: 'failed'; failure: Failure };
}

export const useComparison = create<{ sides: readonly [Side, Side] | null }>(() => ({ sides: null }));

/** What two requests differ in, by the names of their fields. */
export function differences(a: GenerateRequest, b: GenerateRequest): (keyof GenerateRequest)[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)] as (keyof GenerateRequest)[]);
  return [...names].filter((name) => name !== 'revision' && a[name] !== b[name]);
}
