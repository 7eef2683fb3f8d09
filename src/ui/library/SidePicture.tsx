import type { ReactNode } from 'react';
import type { Side } from '#state/comparison.ts';
import { formatDuration } from '#ui/format.ts';
import { Meter } from './Meter.tsx';
import { Trouble } from './Trouble.tsx';

interface Props {
  state: Side['state'];
  size: { widthPx: number; heightPx: number };
  /** Of what draws it. */
  name: string;
  alt: string;
  caption: ReactNode;
}

/** One picture of a comparison, or what stands in its way. */
export function SidePicture({ state, size, name, alt, caption }: Props) {
  return (
    <figure>
      <div
        className="relative grid place-items-center overflow-hidden rounded-xl bg-well ring-1 ring-line"
        style={{ aspectRatio: `${size.widthPx} / ${size.heightPx}` }}
      >
        {state.kind === 'done' ? (
          <img src={state.url} alt={alt} className="size-full" />
        ) : state.kind === 'failed' ? (
          <div className="p-4">
            <Trouble failure={state.failure} />
          </div>
        ) : state.kind === 'drawing' ? (
          <div className="w-3/5">
            <Meter
              label={name}
              fraction={state.fraction}
              text={state.fraction === null ? 'Loading' : 'Drawing'}
            />
          </div>
        ) : (
          <p className="text-xs text-faint">
            {state.kind === 'waiting' ? 'Waits for the other' : 'Cancelled'}
          </p>
        )}
      </div>
      <figcaption className="mt-2 text-xs text-soft">
        {caption}
        {state.kind === 'done' && ` · ${formatDuration(state.elapsedMs)}`}
      </figcaption>
    </figure>
  );
}
