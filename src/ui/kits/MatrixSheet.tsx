import { useState } from 'react';
import type { Matrix, MatrixCell } from '#state/kit-matrix.ts';
import { failureText } from '#ui/failure-text.ts';
import { MatrixPicture } from './MatrixPicture.tsx';
import { Swatch } from './Swatch.tsx';

/** The cells, kit by kit, each as it lands. */
export function MatrixSheet({ matrix }: { matrix: Matrix }) {
  const [openAt, setOpenAt] = useState<number | null>(null);
  const { cells, seeds, prompt } = matrix;
  const kits = Array.from({ length: cells.length / seeds.length }, (_, index) => index * seeds.length);
  return (
    <section aria-label="Matrix">
      <ul
        className="grid gap-4"
        style={{
          gridTemplateColumns: `repeat(auto-fill, minmax(min(100%, ${seeds.length * 9 + (seeds.length - 1) * 0.5}rem), 1fr))`,
        }}
      >
        {kits.map((first) => {
          const { kitId, kitName, colour } = cells[first]!;
          return (
            <li key={kitId} className="min-w-0">
              <div
                className="grid gap-2"
                style={{ gridTemplateColumns: `repeat(${seeds.length}, minmax(0, 1fr))` }}
              >
                {seeds.map((seed, k) => (
                  <Cell
                    key={seed}
                    cell={cells[first + k]!}
                    prompt={prompt}
                    onOpen={() => setOpenAt(first + k)}
                  />
                ))}
              </div>
              <p className="mt-1.5 flex items-center gap-2 text-xs font-medium">
                {colour !== null && (
                  <Swatch name={kitName} colour={colour} className="size-4 rounded-full text-[0px]" />
                )}
                <span className="truncate">{kitName}</span>
              </p>
            </li>
          );
        })}
      </ul>
      {openAt !== null && (
        <MatrixPicture matrix={matrix} at={openAt} onMove={setOpenAt} onClose={() => setOpenAt(null)} />
      )}
    </section>
  );
}

function Cell({ cell, prompt, onOpen }: { cell: MatrixCell; prompt: string; onOpen: () => void }) {
  const { state, kitName, seed, request } = cell;
  const size = request ?? { widthPx: 1, heightPx: 1 };
  return (
    <div
      className="relative grid place-items-center overflow-hidden rounded-lg bg-well ring-1 ring-line"
      style={{ aspectRatio: `${size.widthPx} / ${size.heightPx}` }}
    >
      {state.kind === 'done' ? (
        <button
          type="button"
          aria-label={`Open ${kitName}, seed ${seed}`}
          className="absolute inset-0 -outline-offset-2"
          onClick={onOpen}
        >
          <img src={state.url} alt={`${prompt}, ${kitName}, seed ${seed}`} className="arrive size-full" />
        </button>
      ) : state.kind === 'failed' ? (
        <p className="max-h-full overflow-y-auto p-2 text-2xs break-words text-danger">
          {failureText(state.failure).happened}
        </p>
      ) : state.kind === 'drawing' ? (
        <>
          <div className="warming absolute inset-0" />
          {state.fraction !== null && (
            <span className="relative text-2xs text-faint tabular-nums">
              {Math.round(state.fraction * 100)} %
            </span>
          )}
        </>
      ) : (
        <span className="text-2xs text-faint">{state.kind === 'waiting' ? 'Waits' : 'Cancelled'}</span>
      )}
    </div>
  );
}
