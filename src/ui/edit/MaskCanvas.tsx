import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { changeEdit, paint, redoPaint, undoPaint } from '#state/actions/paint-mask.ts';
import { type Edit, type MaskOp, type StrokePoint, useEdit } from '#state/edit.ts';
import { maskedShare, paintAll, paintOp, tint } from './painting.ts';

interface Picture {
  url: string;
  widthPx: number;
  heightPx: number;
}

/** Half a brush for each press of an arrow, so that presses make a line. */
const STEP = 0.5;
const FINE_PX = 1;
/** On the screen; in the file a mask is white. Seen on light and dark pictures alike. */
const TINT = '#ff3d9a';
const MIN_BRUSH_PX = 2;
const MAX_BRUSH_PX = 512;

/** The picture with its mask over it. A pointer paints; so do the arrow keys, with a cursor of their own. */
export function MaskCanvas({ picture, scale }: { picture: Picture; scale: number }) {
  const { ops, tool, isErasing, brushPx, extend } = useEdit();
  const canvas = useRef<HTMLCanvasElement>(null);
  const draft = useRef<HTMLCanvasElement>(null);
  const [cursor, setCursor] = useState({ x: picture.widthPx / 2, y: picture.heightPx / 2 });
  // Several moves may come before the next paint of the page.
  const pointed = useRef<readonly StrokePoint[] | null>(null);
  const [stroke, setStroke] = useState<readonly StrokePoint[] | null>(null);
  const [hasPressure, setHasPressure] = useState(false);
  const [isKeyed, setIsKeyed] = useState(false);
  const [said, setSaid] = useState('');
  useMask(canvas, picture, ops, setSaid);
  useDraft(draft, picture, stroke === null ? null : opOf(stroke, { tool, isErasing, brushPx }, hasPressure));

  const commit = (points: readonly StrokePoint[]) => {
    setStroke(null);
    const op = opOf(points, { tool, isErasing, brushPx }, hasPressure);
    if (op !== null) paint(op);
  };

  const pointOf = (event: PointerEvent): StrokePoint => {
    const box = canvas.current!.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / Math.max(1, box.width)) * picture.widthPx,
      ((event.clientY - box.top) / Math.max(1, box.height)) * picture.heightPx,
      event.pointerType === 'pen' ? event.pressure : 0.5,
    ];
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0 || tool === 'move') return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setIsKeyed(false);
    setHasPressure(event.pointerType === 'pen');
    pointed.current = [pointOf(event)];
    setStroke(pointed.current);
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (tool === 'move' && event.buttons === 1) {
      event.currentTarget.closest('[data-scroller]')?.scrollBy(-event.movementX, -event.movementY);
      return;
    }
    if (pointed.current === null) return;
    pointed.current = [...pointed.current, pointOf(event)];
    setStroke(pointed.current);
  };
  const onPointerUp = () => {
    if (pointed.current !== null) commit(pointed.current);
    pointed.current = null;
  };

  const moveTo = (dx: number, dy: number) => {
    const x = Math.min(picture.widthPx, Math.max(0, cursor.x + dx));
    const y = Math.min(picture.heightPx, Math.max(0, cursor.y + dy));
    setCursor({ x, y });
    if (stroke !== null && isKeyed) setStroke([...stroke, [x, y, 0.5]]);
  };
  const press = () => {
    setHasPressure(false);
    if (stroke !== null && isKeyed) {
      commit(stroke);
      return;
    }
    setIsKeyed(true);
    setStroke([[cursor.x, cursor.y, 0.5]]);
    setSaid(`Pen down at ${place(cursor)}. Move with the arrows, then press Space again.`);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const far = event.shiftKey ? FINE_PX : Math.max(FINE_PX, brushPx * STEP);
    const act = KEYS[event.key];
    const isMeta = event.ctrlKey || event.metaKey;
    if (isMeta && event.key.toLowerCase() === 'z') {
      if (event.shiftKey) redoPaint();
      else undoPaint();
    } else if (isMeta && event.key.toLowerCase() === 'y') redoPaint();
    else if (isMeta || event.altKey) return;
    else if (act !== undefined) moveTo(act[0] * far, act[1] * far);
    else if (event.key === ' ' || event.key === 'Enter') {
      if (tool !== 'move') press();
    } else if (event.key === 'Escape' && stroke !== null) {
      pointed.current = null;
      setStroke(null);
      setSaid('Stroke dropped.');
    } else if (event.key === '[' || event.key === ']') {
      const next = Math.round(brushPx * (event.key === ']' ? 1.25 : 0.8));
      changeEdit({ brushPx: Math.min(MAX_BRUSH_PX, Math.max(MIN_BRUSH_PX, next)) });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

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
          onKeyDown={onKeyDown}
          onFocus={() => setIsKeyed(stroke === null || isKeyed)}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={() => {
            pointed.current = null;
            setStroke(null);
          }}
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
          <Cursor cursor={cursor} brushPx={brushPx} tool={tool} scale={scale} />
        </div>
      </div>
      <p id="mask-keys" className="sr-only">
        Arrows move the cursor, with Shift one pixel at a time. Space puts the pen down and lifts it; Escape
        drops the stroke. Square brackets change the size of the brush.
      </p>
      <output className="sr-only">{said}</output>
    </div>
  );
}

const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Where the next key paints, while the canvas has the focus. */
function Cursor({
  cursor,
  brushPx,
  tool,
  scale,
}: Pick<Edit, 'brushPx' | 'tool'> & { cursor: { x: number; y: number }; scale: number }) {
  const side = tool === 'brush' ? Math.max(6, brushPx * scale) : 14;
  return (
    <span
      aria-hidden="true"
      className="mask-cursor pointer-events-none absolute -translate-x-1/2 -translate-y-1/2 rounded-full"
      style={{ left: cursor.x * scale, top: cursor.y * scale, width: side, height: side }}
    />
  );
}

function place({ x, y }: { x: number; y: number }): string {
  return `${Math.round(x)}, ${Math.round(y)}`;
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
