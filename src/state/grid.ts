/** The X/Y/Z grid: what is on each axis, and the pictures as they come. Data only. */
import { create } from 'zustand';
import type { Failure } from '#core/failure.ts';
import type { Place } from '#core/grid/plan.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { Picture } from '#engine/api.ts';

export type AxisKind =
  | 'none'
  | 'seed'
  | 'steps'
  | 'guidance'
  | 'rescale'
  | 'sampler'
  | 'schedule'
  | 'size'
  | 'strength'
  | 'lora'
  | 'lora-weight'
  | 'kit'
  | 'model'
  | 'version'
  | 'prompt';

export type AxisName = 'x' | 'y' | 'z';
export const AXES: readonly AxisName[] = ['x', 'y', 'z'];

export interface AxisDraft {
  kind: AxisKind;
  /** What is typed for axes of numbers and of words. */
  text: string;
  /** Ids that are chosen on the other ones, in their order. */
  chosen: readonly string[];
}

export interface GridCell extends Place {
  request: GenerateRequest;
  state:
    | { kind: 'waiting' }
    | { kind: 'drawing'; fraction: number | null }
    | { kind: 'done'; picture: Picture; url: string; elapsedMs: number; keptId: string | null }
    | { kind: 'failed'; failure: Failure }
    | { kind: 'cancelled' };
}

/** What a grid was begun with; it stays as it is when the form changes. */
export interface Grid {
  labels: Record<AxisName, readonly string[]>;
  titles: Record<AxisName, string>;
  prompt: string;
  cells: readonly GridCell[];
  isRunning: boolean;
  isCancelling: boolean;
}

export interface GridState {
  axes: Record<AxisName, AxisDraft>;
  grid: Grid | null;
  /** A file is being written. */
  isExporting: boolean;
}

export const EMPTY_AXIS: AxisDraft = { kind: 'none', text: '', chosen: [] };

export const useGrid = create<GridState>(() => ({
  axes: {
    x: { kind: 'steps', text: '1-4', chosen: [] },
    y: { kind: 'seed', text: '1-3', chosen: [] },
    z: EMPTY_AXIS,
  },
  grid: null,
  isExporting: false,
}));

/** Of a running grid, 0 to 1. */
export function gridFraction({ cells }: Grid): number {
  const done = cells.reduce((sum, { state }) => {
    if (state.kind === 'drawing') return sum + (state.fraction ?? 0);
    return state.kind === 'waiting' ? sum : sum + 1;
  }, 0);
  return cells.length === 0 ? 1 : done / cells.length;
}
