import type { ReactNode } from 'react';

/** How far a small picture is blown up at most. */
const MAX_ZOOM = 5;

/**
 * The largest box of a picture's shape that fits the room around it, within reason.
 * `isHalf`: another frame stands beside it.
 */
export function Frame({
  widthPx,
  heightPx,
  isHalf = false,
  children,
}: {
  widthPx: number;
  heightPx: number;
  isHalf?: boolean;
  children: ReactNode;
}) {
  const shape = widthPx / heightPx;
  return (
    <div
      className={`flex ${isHalf ? 'h-[min(45vw,56dvh)]' : 'h-[min(92vw,56dvh)] sm:max-lg:h-[46dvh]'} w-full shrink-0 items-center justify-center [container-type:size] lg:h-full lg:min-h-48`}
    >
      <div
        className="relative overflow-hidden rounded-xl bg-well shadow-picture ring-1 ring-line"
        style={{
          width: `min(100cqw, calc(100cqh * ${shape}), ${Math.max(widthPx, Math.min(widthPx * MAX_ZOOM, 1024))}px)`,
          aspectRatio: `${widthPx} / ${heightPx}`,
        }}
      >
        {children}
      </div>
    </div>
  );
}
