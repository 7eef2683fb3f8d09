import { useEffect, useRef, useState } from 'react';
import { addPaint, changePaint, redoSketch, undoSketch } from '#state/actions/live-paint.ts';
import type { StrokePoint } from '#state/edit.ts';
import { type Paint, type PaintOp, PAPER, usePaint } from '#state/live-paint.ts';
import { PenCursor } from '#ui/edit/PenCursor.tsx';
import { usePen } from '#ui/edit/use-pen.ts';
import { paintSketch, paintSketchOp } from './sketch.ts';

/** The paper. A pointer paints; so do the arrow keys, with a cursor of their own. */
export function SketchCanvas() {
  const { widthPx, heightPx, ops, tool, colour, brushPx } = usePaint();
  const size = { widthPx, heightPx };
  const canvas = useRef<HTMLCanvasElement>(null);
  const under = useRef<HTMLCanvasElement>(null);
  const paper = useRef<HTMLDivElement>(null);
  const scale = useScale(paper, widthPx);
  const { cursor, stroke, hasPressure, said, listeners } = usePen({
    canvas,
    size,
    brushPx,
    isPointed: tool === 'fill',
    onStroke: (points, isPen) => addPaint(opOf(points, { tool, colour, brushPx, widthPx, heightPx }, isPen)),
    onGrow: (points, isPen) => {
      if (tool === 'fill') return;
      changePaint({
        pending: points === null ? null : opOf(points, { tool, colour, brushPx, widthPx, heightPx }, isPen),
      });
    },
    onUndo: undoSketch,
    onRedo: redoSketch,
    onBrush: (next) => changePaint({ brushPx: next }),
  });
  useEffect(() => {
    let isStale = false;
    const context = canvas.current?.getContext('2d', { willReadFrequently: true });
    if (context) void paintSketch(context, { widthPx, heightPx }, ops, () => isStale);
    return () => {
      isStale = true;
    };
  }, [widthPx, heightPx, ops]);
  useEffect(() => {
    const context = under.current?.getContext('2d');
    if (!context) return;
    context.clearRect(0, 0, widthPx, heightPx);
    if (stroke !== null && tool !== 'fill')
      paintSketchOp(
        context,
        { widthPx, heightPx },
        opOf(stroke, { tool, colour, brushPx, widthPx, heightPx }, hasPressure),
      );
  }, [widthPx, heightPx, stroke, tool, colour, brushPx, hasPressure]);
  return (
    <>
      <div
        ref={paper}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- an application takes keys
        role="application"
        aria-label="Sketch"
        aria-describedby="sketch-keys"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- an application takes keys
        tabIndex={0}
        data-cursor={`${Math.round(cursor.x)},${Math.round(cursor.y)}`}
        className="absolute inset-0 cursor-crosshair touch-none select-none"
        {...listeners}
      >
        <canvas
          ref={canvas}
          width={widthPx}
          height={heightPx}
          className="absolute inset-0 h-full w-full bg-white"
        />
        <canvas ref={under} width={widthPx} height={heightPx} className="absolute inset-0 h-full w-full" />
        <PenCursor
          cursor={cursor}
          sidePx={tool === 'fill' ? 14 : Math.max(6, brushPx * scale)}
          scale={scale}
        />
      </div>
      <p id="sketch-keys" className="sr-only">
        Arrows move the cursor, with Shift one pixel at a time. Space puts the pen down and lifts it, or
        fills; Escape drops the stroke. Square brackets change the size of the brush.
      </p>
      <output className="sr-only">{said}</output>
    </>
  );
}

/** Pixels of the screen for one of the paper. */
function useScale(paper: React.RefObject<HTMLDivElement | null>, widthPx: number): number {
  const [shown, setShown] = useState(0);
  useEffect(() => {
    const element = paper.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setShown(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [paper]);
  return shown / Math.max(1, widthPx);
}

type Pen = Pick<Paint, 'tool' | 'colour' | 'brushPx' | 'widthPx' | 'heightPx'>;

function opOf(
  points: readonly StrokePoint[],
  { tool, colour, brushPx, widthPx, heightPx }: Pen,
  hasPressure: boolean,
): PaintOp {
  if (tool === 'fill') {
    const [x, y] = points.at(-1)!;
    // The cursor may stand on the very edge.
    return { kind: 'fill', colour, at: [Math.min(x, widthPx - 1), Math.min(y, heightPx - 1)] };
  }
  return {
    kind: 'stroke',
    colour: tool === 'eraser' ? PAPER : colour,
    sizePx: brushPx,
    hasPressure,
    points,
  };
}
