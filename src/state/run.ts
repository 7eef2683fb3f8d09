/** The job that runs, or the last one that ran: its phase, its cells, how it ended. Data only. */
import { create } from 'zustand';
import type { Failure, Notice } from '#core/failure.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';

export type Phase =
  | { kind: 'starting' }
  | { kind: 'loading'; file: string; loadedBytes: number; totalBytes: number }
  /** `adapterRank`: with room for adapters of this rank together. */
  | { kind: 'preparing'; part: string; adapterRank?: number }
  | { kind: 'text' }
  | { kind: 'step'; index: number; step: number; steps: number; secondsLeft: number | null }
  | { kind: 'decode'; index: number }
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
    case 'step':
      return (phase.index + phase.step / phase.steps) / run.request.count;
    case 'decode':
    case 'upscale':
      return (phase.index + 1) / run.request.count;
  }
}
