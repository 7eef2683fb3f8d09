/** The mask stage: what is painted on the source, and with what. Data only; strokes are kept, so that they can be undone. */
import { create } from 'zustand';
import type { Extend, MaskUse } from '#core/pipeline/request.ts';

/** Where a stroke went, in pixels of the source; pressure is 0 to 1. */
export type StrokePoint = readonly [x: number, y: number, pressure: number];

export type Shape = 'brush' | 'rectangle' | 'lasso';
export type Tool = Shape | 'move';

/** One thing done to a mask. */
export type MaskOp =
  | {
      kind: 'brush';
      isErasing: boolean;
      sizePx: number;
      hasPressure: boolean;
      points: readonly StrokePoint[];
    }
  | { kind: 'rectangle'; isErasing: boolean; points: readonly StrokePoint[] }
  | { kind: 'lasso'; isErasing: boolean; points: readonly StrokePoint[] }
  | { kind: 'invert' }
  | { kind: 'clear' }
  /** A mask of an earlier time, by its file. */
  | { kind: 'kept'; sha256: string };

export interface Edit {
  /** The file that is painted on; strokes are its. */
  sha256: string | null;
  ops: readonly MaskOp[];
  undone: readonly MaskOp[];
  tool: Tool;
  isErasing: boolean;
  brushPx: number;
  /** Pixels of the screen for one of the picture; null fits it in. */
  zoom: number | null;
  use: Pick<MaskUse, 'content' | 'blurPx' | 'onlyMasked'>;
  extend: Extend;
}

export const NO_EXTEND: Extend = { leftPx: 0, topPx: 0, rightPx: 0, bottomPx: 0 };

export const useEdit = create<Edit>(() => ({
  sha256: null,
  ops: [],
  undone: [],
  tool: 'brush',
  isErasing: false,
  brushPx: 32,
  zoom: null,
  use: { content: 'original', blurPx: 4, onlyMasked: null },
  extend: NO_EXTEND,
}));

export function isExtended({ leftPx, topPx, rightPx, bottomPx }: Extend): boolean {
  return leftPx + topPx + rightPx + bottomPx > 0;
}

/** The draft's source as it can be shown: its file is read once. */
export interface ShownSource {
  sha256: string;
  /** Null while it is read, and where it is no longer here. */
  picture: { url: string; widthPx: number; heightPx: number } | null;
  isMissing: boolean;
}

export const useSourceView = create<{ shown: ShownSource | null }>(() => ({ shown: null }));
