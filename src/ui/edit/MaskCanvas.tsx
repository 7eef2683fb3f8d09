import { type RefObject, useEffect, useRef } from 'react';
import { changeEdit, paint, redoPaint, undoPaint } from '#state/actions/paint-mask.ts';
import { type Edit, type MaskOp, type StrokePoint, useEdit } from '#state/edit.ts';
import { FrameHandles } from './FrameHandles.tsx';
import { maskedShare, paintAll, paintOp, tint } from './painting.ts';
import { PenCursor } from './PenCursor.tsx';
import { usePen } from './use-pen.ts';

interface Picture {
  url: string;
  widthPx: number;
  heightPx: number;
}

/** On the screen; in the file a mask is white. Seen on light and dark pictures alike. */
const TINT = '#ff3d9a';

/** The picture with its mask over it. A pointer paints; so do the arrow keys, with a cursor of their own. */
export function MaskCanvas({ picture, scale }: { picture: Picture; scale: number }) {
  const { ops, tool, isErasing, brushPx, extend } = useEdit();
  const canvas = useRef<HTMLCanvasElement>(null);
  const draft = useRef<HTMLCanvasElement>(null);
  const pen = usePen({
    canvas,
    size: picture,
    brushPx,
    isMoving: tool === 'move',
    onStroke: (points, isPen) => {
      const op = opOf(points, { tool, isErasing, brushPx }, isPen);
      if (op !== null) paint(op);
    },
    onUndo: undoPaint,
    onRedo: redoPaint,
    onBrush: (next) => changeEdit({ brushPx: next }),
  });
  const { cursor, stroke, said, setSaid } = pen;
  useMask(canvas, picture, ops, setSaid);
  useDraft(
    draft,
    picture,
    stroke === null ? null : opOf(stroke, { tool, isErasing, brushPx }, pen.hasPressure),
  );

  const px = (length: number) => `${length * scale}px`;
  return (
    <div className="flex min-h-full min-w-full items-center justify-center p-4">
      <div
        className="checkered relative shrink-0 rounded-lg shadow-picture"
        style={{
          paddingTop: px(extend.topPx),
          paddingRight: px(extend.rightPx),
          paddingBottom: px(extend.bottomPx),
          paddingLeft: px(extend.leftPx),
        }}
      >
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- an application takes keys */}
        <div
          role="application"
          aria-label="Mask"
          aria-describedby="mask-keys"
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- an application takes keys
          tabIndex={0}
          data-cursor={`${Math.round(cursor.x)},${Math.round(cursor.y)}`}
          className={`relative touch-none overflow-hidden select-none ${tool === 'move' ? 'cursor-grab' : 'cursor-crosshair'}`}
          style={{ width: px(picture.widthPx), height: px(picture.heightPx) }}
          {...pen.listeners}
        >
          <img src={picture.url} alt="" draggable={false} className="absolute inset-0 h-full w-full" />
          <canvas
            ref={canvas}
            width={picture.widthPx}
            height={picture.heightPx}
            className="mask-tint absolute inset-0 h-full w-full"
          />
          <canvas
            ref={draft}
            width={picture.widthPx}
            height={picture.heightPx}
            className={`absolute inset-0 h-full w-full ${isErasing ? 'opacity-40' : 'mask-tint'}`}
          />
          <PenCursor
            cursor={cursor}
            sidePx={tool === 'brush' ? Math.max(6, brushPx * scale) : 14}
            scale={scale}
          />
        </div>
        <FrameHandles picture={picture} scale={scale} />
      </div>
      <p id="mask-keys" className="sr-only">
        Arrows move the cursor, with Shift one pixel at a time. Space puts the pen down and lifts it; Escape
        drops the stroke. Square brackets change the size of the brush.
      </p>
      <output className="sr-only">{said}</output>
    </div>
  );
}

/** What the points amount to with this tool; null for what encloses nothing. */
function opOf(
  points: readonly StrokePoint[],
  { tool, isErasing, brushPx }: Pick<Edit, 'tool' | 'isErasing' | 'brushPx'>,
  hasPressure: boolean,
): MaskOp | null {
  if (tool === 'move') return null;
  if (tool === 'brush') return { kind: 'brush', isErasing, sizePx: brushPx, hasPressure, points };
  if (points.length < 2) return null;
  return tool === 'rectangle' ? { kind: tool, isErasing, points } : { kind: tool, isErasing, points };
}

/** Keeps the canvas what the operations say, and says how much is masked. */
function useMask(
  canvas: RefObject<HTMLCanvasElement | null>,
  picture: Picture,
  ops: readonly MaskOp[],
  say: (text: string) => void,
) {
  useEffect(() => {
    let isStale = false;
    const context = canvas.current?.getContext('2d', { willReadFrequently: true });
    if (context) {
      void paintAll(context, picture, ops, () => isStale).then((isDone) => {
        if (!isDone) return;
        say(`${Math.round(100 * maskedShare(context, picture))} % of the picture is masked.`);
        tint(context, picture, TINT);
      });
    }
    return () => {
      isStale = true;
    };
  }, [canvas, picture, ops, say]);
}

/** The stroke under the pen. */
function useDraft(canvas: RefObject<HTMLCanvasElement | null>, picture: Picture, op: MaskOp | null) {
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.globalCompositeOperation = 'source-over';
    context.clearRect(0, 0, picture.widthPx, picture.heightPx);
    if (op === null) return;
    paintOp(context, picture, 'isErasing' in op ? { ...op, isErasing: false } : op, null);
    tint(context, picture, TINT);
  }, [canvas, picture, op]);
}
