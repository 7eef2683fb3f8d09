/** Live paint: the sketch, how far a picture goes from it, and the latest picture of it. Data only. */
import { create } from 'zustand';
import type { Failure } from '#core/failure.ts';
import type { Picture } from '#engine/api.ts';
import type { StrokePoint } from '#state/edit.ts';

export type PaintTool = 'brush' | 'eraser' | 'fill';

/** One thing done to a sketch; colours are `#rrggbb`. */
export type PaintOp =
  | {
      kind: 'stroke';
      colour: string;
      sizePx: number;
      hasPressure: boolean;
      points: readonly StrokePoint[];
    }
  | { kind: 'fill'; colour: string; at: readonly [x: number, y: number] }
  | { kind: 'clear' }
  /** A picture to paint over, by its file. */
  | { kind: 'picture'; sha256: string };

export type PaintPhase =
  | { kind: 'idle' }
  /** A job runs, and goes first. */
  | { kind: 'waiting' }
  /** Null before the first step. */
  | { kind: 'drawing'; fraction: number | null }
  | { kind: 'failed'; failure: Failure };

export interface PaintResult {
  picture: Picture;
  /** Object URL. */
  url: string;
  /** What it was drawn from. */
  sketch: Blob;
  keptId: string | null;
}

export interface Paint {
  /** Of the paper. */
  widthPx: number;
  heightPx: number;
  ops: readonly PaintOp[];
  undone: readonly PaintOp[];
  /** The stroke under the pen: it is drawn from too when the pen rests. */
  pending: PaintOp | null;
  tool: PaintTool;
  colour: string;
  brushPx: number;
  /** As of `InitUse`. */
  strength: number;
  steps: number;
  seed: number;
  phase: PaintPhase;
  result: PaintResult | null;
  /** Milliseconds that the latest pictures took, newest last. */
  paces: readonly number[];
}

export const PAPER = '#ffffff';

export const COLOURS: readonly { id: string; name: string }[] = [
  { id: '#1f1f24', name: 'Black' },
  { id: '#e5343d', name: 'Red' },
  { id: '#f28a1c', name: 'Orange' },
  { id: '#f7d038', name: 'Yellow' },
  { id: '#35a853', name: 'Green' },
  { id: '#2f7de1', name: 'Blue' },
  { id: '#7a4fd0', name: 'Purple' },
  { id: '#f59ac0', name: 'Pink' },
  { id: '#8a5a35', name: 'Brown' },
  { id: PAPER, name: 'White' },
];

export const usePaint = create<Paint>(() => ({
  widthPx: 0,
  heightPx: 0,
  ops: [],
  undone: [],
  pending: null,
  tool: 'brush',
  colour: COLOURS[1]!.id,
  brushPx: 24,
  strength: 0.7,
  steps: 0,
  seed: 1,
  phase: { kind: 'idle' },
  result: null,
  paces: [],
}));

/** How many pictures a minute this device draws here, as measured; null before the first. */
export function perMinute({ paces }: Pick<Paint, 'paces'>): number | null {
  if (paces.length === 0) return null;
  const sorted = [...paces].sort((a, b) => a - b);
  return 60_000 / Math.max(1, sorted[Math.floor(sorted.length / 2)]!);
}

/** What was done since the paper was last empty. */
export function onPaper(ops: readonly PaintOp[]): readonly PaintOp[] {
  return ops.slice(ops.findLastIndex(({ kind }) => kind === 'clear') + 1);
}
