import { type KeyboardEvent, type PointerEvent, useState } from 'react';

/** How the pictures are enlarged and moved: all in the same way. Moves are shares of a frame's side. */
export interface Zoom {
  scale: number;
  x: number;
  y: number;
}

const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };
const MAX_SCALE = 16;
const FACTOR = 1.5;
/** Of a frame, by one press of an arrow key. */
const PAN = 0.1;

/** Keeps the picture over the middle of its frame. */
function bounded({ scale, x, y }: Zoom): Zoom {
  const within = Math.min(MAX_SCALE, Math.max(1, scale));
  const reach = (within - 1) / 2;
  const clamp = (value: number) => Math.min(reach, Math.max(-reach, value));
  return { scale: within, x: clamp(x), y: clamp(y) };
}

export function useZoom() {
  const [zoom, setZoom] = useState(WHOLE);
  const [held, setHeld] = useState<{ clientX: number; clientY: number } | null>(null);
  const zoomBy = (factor: number) =>
    setZoom(({ scale, x, y }) => {
      const next = Math.min(MAX_SCALE, Math.max(1, scale * factor));
      return bounded({ scale: next, x: (x * next) / scale, y: (y * next) / scale });
    });
  const pan = (x: number, y: number) => setZoom((now) => bounded({ ...now, x: now.x + x, y: now.y + y }));
  const keys: Record<string, () => void> = {
    '+': () => zoomBy(FACTOR),
    '=': () => zoomBy(FACTOR),
    '-': () => zoomBy(1 / FACTOR),
    '0': () => setZoom(WHOLE),
    ArrowLeft: () => pan(PAN, 0),
    ArrowRight: () => pan(-PAN, 0),
    ArrowUp: () => pan(0, PAN),
    ArrowDown: () => pan(0, -PAN),
  };
  return {
    zoom,
    zoomIn: () => zoomBy(FACTOR),
    zoomOut: () => zoomBy(1 / FACTOR),
    fit: () => setZoom(WHOLE),
    style: { transform: `translate(${zoom.x * 100}%, ${zoom.y * 100}%) scale(${zoom.scale})` },
    /** For the frame that a pointer drags and keys move. */
    handlers: {
      onKeyDown: (event: KeyboardEvent) => {
        const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
        if (act === undefined || event.defaultPrevented) return;
        event.preventDefault();
        act();
      },
      onPointerDown: (event: PointerEvent) => {
        if (zoom.scale === 1 || event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setHeld({ clientX: event.clientX, clientY: event.clientY });
      },
      onPointerMove: (event: PointerEvent) => {
        if (held === null) return;
        const frame = event.currentTarget.getBoundingClientRect();
        pan((event.clientX - held.clientX) / frame.width, (event.clientY - held.clientY) / frame.height);
        setHeld({ clientX: event.clientX, clientY: event.clientY });
      },
      onPointerUp: () => setHeld(null),
      onPointerCancel: () => setHeld(null),
    },
  };
}

export type ZoomControls = ReturnType<typeof useZoom>;
