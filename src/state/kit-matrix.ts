/** One prompt across kits and seeds: what each cell was asked, and how far it is. */
import { create } from 'zustand';
import type { Failure } from '#core/failure.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { Picture } from '#engine/api.ts';
import type { Side } from '#state/comparison.ts';

/** Everybody's seeds are few: each is a whole row of pictures. */
export const MAX_MATRIX_SEEDS = 4;
/** Beside the kits, the model as it is. */
export const NO_KIT = '';

export interface MatrixCell {
  kitId: string;
  kitName: string;
  colour: string | null;
  seed: number;
  /** Null where the kit cannot be worn at all. */
  request: GenerateRequest | null;
  state: Side['state'];
  picture: Picture | null;
  /** In the gallery, once it was kept. */
  keptId: string | null;
}

export interface Matrix {
  prompt: string;
  seeds: readonly number[];
  /** Kit by kit, and for each seed by seed. */
  cells: readonly MatrixCell[];
  isRunning: boolean;
  isExporting: boolean;
}

export interface MatrixState {
  matrix: Matrix | null;
  /** Why it could not begin. */
  failure: Failure | null;
}

export const useMatrix = create<MatrixState>(() => ({ matrix: null, failure: null }));

/** Cells that came to an end, one way or another. */
export function settledCells({ cells }: Matrix): number {
  return cells.filter(({ state }) => state.kind !== 'waiting' && state.kind !== 'drawing').length;
}

/** Kits in the matrix, in their order. */
export function matrixKits({ cells, seeds }: Matrix): string[] {
  return cells.filter((_, index) => index % seeds.length === 0).map(({ kitId }) => kitId);
}

/** From the cells so far; null before the first is drawn, and when none is left. */
export function matrixSecondsLeft({ cells, isRunning }: Matrix): number | null {
  const times = cells.flatMap(({ state }) => (state.kind === 'done' ? [state.elapsedMs] : []));
  const open = cells.filter(({ state }) => state.kind === 'waiting' || state.kind === 'drawing').length;
  if (!isRunning || times.length === 0 || open === 0) return null;
  return ((times.reduce((sum, ms) => sum + ms, 0) / times.length) * open) / 1000;
}
