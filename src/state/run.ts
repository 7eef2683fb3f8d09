/** The job that runs, or the last one that ran: its phase, its cells, how it ended. Data only. */
import { create } from 'zustand';
import type { Failure, Notice } from '#core/failure.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { Together } from '#engine/api.ts';

export type Phase =
  | { kind: 'starting' }
  | { kind: 'loading'; file: string; loadedBytes: number; totalBytes: number }
  /** `adapterRank`: with room for adapters of this rank together. */
  | { kind: 'preparing'; part: string; adapterRank?: number }
  | { kind: 'text' }
  | {
      kind: 'step';
      index: number;
      step: number;
      steps: number;
      secondsLeft: number | null;
      together?: Together;
    }
  | { kind: 'decode'; index: number; together?: Together }
  | { kind: 'upscale'; index: number; tile: number; tiles: number };

/** One picture of the run: `pictureId` once it is finished and saved. */
export interface Cell {
  seed: number;
  preview: ImageBitmap | null;
  pictureId: string | null;
}

/** `paused`: it goes on when the queue does. */
export type Outcome = 'done' | 'cancelled' | 'failed' | 'paused';

export interface Run {
  id: number;
  request: GenerateRequest;
  phase: Phase;
  cells: Cell[];
  notices: Notice[];
  isCancelling: boolean;
  /** Null while it runs. */
  outcome: Outcome | null;
  failure: Failure | null;
}

export interface RunState {
  run: Run | null;
  /** Why the form could not become a request; cleared by the next edit. */
  formFailure: Failure | null;
}

export const useRun = create<RunState>(() => ({ run: null, formFailure: null }));

export function isRunning(state: RunState): boolean {
  return state.run !== null && state.run.outcome === null;
}

export function finishedCount(run: Run): number {
  return run.cells.filter((cell) => cell.pictureId !== null).length;
}

/** The index after the last of those that are being drawn. */
function togetherEnd({ index, together }: { index: number; together?: Together }): number {
  return together === undefined ? index + 1 : together.first + together.size;
}

/** Whether a picture is being drawn now: the first that is not done, or all that are drawn together. */
export function isBeingDrawn({ phase, cells, outcome }: Run, index: number): boolean {
  if (outcome !== null || cells[index]?.pictureId !== null) return false;
  const first = cells.findIndex((cell) => cell.pictureId === null);
  const isDrawing = phase.kind === 'step' || phase.kind === 'decode';
  return index === first || (isDrawing && index > first && index < togetherEnd(phase));
}

/** How far the whole run is, 0 to 1. Null while nothing countable happens yet. */
export function runFraction(run: Run): number | null {
  if (run.outcome === 'done') return 1;
  const { phase } = run;
  switch (phase.kind) {
    case 'starting':
    case 'preparing':
    case 'text':
      return null;
    case 'loading':
      return phase.totalBytes > 0 ? phase.loadedBytes / phase.totalBytes : null;
    case 'step': {
      const { first, size } = phase.together ?? { first: phase.index, size: 1 };
      return (first + (size * phase.step) / phase.steps) / run.request.count;
    }
    case 'decode':
      // The steps of all that were drawn together are done.
      return togetherEnd(phase) / run.request.count;
    case 'upscale':
      return (phase.index + 1) / run.request.count;
  }
}
