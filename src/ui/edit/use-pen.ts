/** One pen for pointers and for the keyboard: the mask stage and live paint are painted with it. */
import { type KeyboardEvent, type PointerEvent, type RefObject, useRef, useState } from 'react';
import type { StrokePoint } from '#state/edit.ts';

interface Options {
  canvas: RefObject<HTMLCanvasElement | null>;
  size: { widthPx: number; heightPx: number };
  brushPx: number;
  /** The pointer moves the view and paints nothing. */
  isMoving?: boolean;
  /** Space leaves a point, in place of a stroke from press to press. */
  isPointed?: boolean;
  onStroke: (points: readonly StrokePoint[], hasPressure: boolean) => void;
  /** The stroke as it grows; null when it is dropped. */
  onGrow?: (points: readonly StrokePoint[] | null, hasPressure: boolean) => void;
  onUndo: () => void;
  onRedo: () => void;
  onBrush: (brushPx: number) => void;
}

/** Half a brush for each press of an arrow, so that presses make a line. */
const STEP = 0.5;
const FINE_PX = 1;
const MIN_BRUSH_PX = 2;
export const MAX_BRUSH_PX = 512;

/** Points in the width of a brush: corners of a stroke that has fewer are cut. */
const DENSITY = 8;

const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** @returns where the keyboard's cursor is, the stroke under the pen, and what the element that is painted on listens to */
export function usePen(options: Options) {
  const { canvas, size, brushPx, isMoving = false, isPointed = false } = options;
  const { widthPx, heightPx } = size;
  const [cursor, setCursor] = useState({ x: widthPx / 2, y: heightPx / 2 });
  // Several moves may come before the next paint of the page.
  const pointed = useRef<readonly StrokePoint[] | null>(null);
  const [stroke, setStroke] = useState<readonly StrokePoint[] | null>(null);
  const [hasPressure, setHasPressure] = useState(false);
  const [isKeyed, setIsKeyed] = useState(false);
  const [said, setSaid] = useState('');

  const grow = (points: readonly StrokePoint[] | null, isPen = hasPressure) => {
    setStroke(points);
    options.onGrow?.(points, isPen);
  };
  const commit = (points: readonly StrokePoint[], isPen = hasPressure) => {
    setStroke(null);
    options.onStroke(points, isPen);
  };
  const drop = () => {
    pointed.current = null;
    grow(null);
  };

  const pointOf = (event: PointerEvent): StrokePoint => {
    const box = canvas.current!.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / Math.max(1, box.width)) * widthPx,
      ((event.clientY - box.top) / Math.max(1, box.height)) * heightPx,
      event.pointerType === 'pen' ? event.pressure : 0.5,
    ];
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0 || isMoving) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setIsKeyed(false);
    const isPen = event.pointerType === 'pen';
    setHasPressure(isPen);
    pointed.current = [pointOf(event)];
    grow(pointed.current, isPen);
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (isMoving && event.buttons === 1) {
      event.currentTarget.closest('[data-scroller]')?.scrollBy(-event.movementX, -event.movementY);
      return;
    }
    if (pointed.current === null) return;
    pointed.current = [...pointed.current, pointOf(event)];
    grow(pointed.current);
  };
  const onPointerUp = () => {
    if (pointed.current !== null) commit(pointed.current);
    pointed.current = null;
  };

  const moveTo = (dx: number, dy: number) => {
    const x = Math.min(widthPx, Math.max(0, cursor.x + dx));
    const y = Math.min(heightPx, Math.max(0, cursor.y + dy));
    setCursor({ x, y });
    if (stroke !== null && isKeyed) grow([...stroke, ...line(cursor, { x, y }, brushPx / DENSITY)]);
  };
  const press = () => {
    setHasPressure(false);
    if (isPointed || (stroke !== null && isKeyed)) {
      commit(stroke ?? [[cursor.x, cursor.y, 0.5]], false);
      return;
    }
    setIsKeyed(true);
    grow([[cursor.x, cursor.y, 0.5]], false);
    setSaid(`Pen down at ${place(cursor)}. Move with the arrows, then press Space again.`);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const far = event.shiftKey ? FINE_PX : Math.max(FINE_PX, brushPx * STEP);
    const act = KEYS[event.key];
    const isMeta = event.ctrlKey || event.metaKey;
    if (isMeta && event.key.toLowerCase() === 'z') {
      if (event.shiftKey) options.onRedo();
      else options.onUndo();
    } else if (isMeta && event.key.toLowerCase() === 'y') options.onRedo();
    else if (isMeta || event.altKey) return;
    else if (act !== undefined) moveTo(act[0] * far, act[1] * far);
    else if (event.key === ' ' || event.key === 'Enter') {
      if (!isMoving) press();
    } else if (event.key === 'Escape' && stroke !== null) {
      drop();
      setSaid('Stroke dropped.');
    } else if (event.key === '[' || event.key === ']') {
      const next = Math.round(brushPx * (event.key === ']' ? 1.25 : 0.8));
      options.onBrush(Math.min(MAX_BRUSH_PX, Math.max(MIN_BRUSH_PX, next)));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onFocus = () => setIsKeyed(stroke === null || isKeyed);

  const listeners = {
    onKeyDown,
    onFocus,
    onPointerDown,
    onPointerMove,
    onPointerUp,
    onPointerCancel: drop,
  };
  return { cursor, stroke, hasPressure, said, setSaid, listeners };
}

interface Point {
  x: number;
  y: number;
}

/** From a point, without it, to another. */
function line(from: Point, to: Point, spacing: number): StrokePoint[] {
  const count = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / Math.max(1, spacing));
  return Array.from({ length: count }, (_, k): StrokePoint => {
    const far = (k + 1) / count;
    return [from.x + (to.x - from.x) * far, from.y + (to.y - from.y) * far, 0.5];
  });
}

function place({ x, y }: { x: number; y: number }): string {
  return `${Math.round(x)}, ${Math.round(y)}`;
}
