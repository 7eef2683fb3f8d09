/** Where the next key paints, while the canvas has the focus. */
export function PenCursor({
  cursor,
  sidePx,
  scale,
}: {
  cursor: { x: number; y: number };
  /** On the screen. */
  sidePx: number;
  scale: number;
}) {
  return (
    <span
      aria-hidden="true"
      className="mask-cursor pointer-events-none absolute -translate-x-1/2 -translate-y-1/2 rounded-full"
      style={{ left: cursor.x * scale, top: cursor.y * scale, width: sidePx, height: sidePx }}
    />
  );
}
