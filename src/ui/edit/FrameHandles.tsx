import { type PointerEvent, useRef } from 'react';
import type { Extend } from '#core/pipeline/request.ts';
import { extendFrame, maxExtendPx } from '#state/actions/paint-mask.ts';
import { useEdit } from '#state/edit.ts';

/** As the number fields step. */
const STEP_PX = 8;

const SIDES: readonly { id: keyof Extend; at: string; bar: string; outwards: readonly [number, number] }[] = [
  {
    id: 'leftPx',
    at: 'inset-y-0 -left-3 w-6 cursor-ew-resize',
    bar: 'h-10 w-1.5',
    outwards: [-1, 0],
  },
  {
    id: 'rightPx',
    at: 'inset-y-0 -right-3 w-6 cursor-ew-resize',
    bar: 'h-10 w-1.5',
    outwards: [1, 0],
  },
  {
    id: 'topPx',
    at: 'inset-x-0 -top-3 h-6 cursor-ns-resize',
    bar: 'h-1.5 w-10',
    outwards: [0, -1],
  },
  {
    id: 'bottomPx',
    at: 'inset-x-0 -bottom-3 h-6 cursor-ns-resize',
    bar: 'h-1.5 w-10',
    outwards: [0, 1],
  },
];

/**
 * The edges of the frame, to be dragged outwards. The same thing as the number fields for a pointer, so they are left
 * out of the tab order and of what a screen reader meets.
 */
export function FrameHandles({
  picture,
  scale,
}: {
  picture: { widthPx: number; heightPx: number };
  scale: number;
}) {
  const begun = useRef<{ x: number; y: number; px: number; scale: number } | null>(null);
  const move = (event: PointerEvent, side: (typeof SIDES)[number]) => {
    if (begun.current === null) return;
    const { x, y, px, scale: at } = begun.current;
    const [dx, dy] = side.outwards;
    // By the scale at the start: the view shrinks as the frame grows.
    const far = px + ((event.clientX - x) * dx + (event.clientY - y) * dy) / at;
    const stepped = Math.round(far / STEP_PX) * STEP_PX;
    extendFrame(side.id, Math.min(maxExtendPx(picture), Math.max(0, stepped)));
  };
  const end = () => {
    begun.current = null;
  };
  return (
    <div aria-hidden="true">
      {SIDES.map((side) => (
        <div
          key={side.id}
          data-handle={side.id}
          className={`group absolute flex touch-none items-center justify-center ${side.at}`}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            const px = useEdit.getState().extend[side.id];
            begun.current = { x: event.clientX, y: event.clientY, px, scale };
          }}
          onPointerMove={(event) => move(event, side)}
          onPointerUp={end}
          onPointerCancel={end}
        >
          <span
            className={`rounded-full bg-panel shadow-pop ring-1 ring-line-strong group-hover:bg-ember ${side.bar}`}
          />
        </div>
      ))}
    </div>
  );
}
