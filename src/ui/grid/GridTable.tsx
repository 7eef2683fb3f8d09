import { Check } from 'lucide-react';
import { placeName } from '#state/actions/export-grid.ts';
import type { Grid, GridCell } from '#state/grid.ts';

interface Props {
  grid: Grid;
  onOpen: (index: number) => void;
}

/** The pictures under their labels, a table for each sheet. */
export function GridTable({ grid, onOpen }: Props) {
  const sheets = Math.max(1, grid.labels.z.length);
  return (
    <div className="flex flex-col gap-6">
      {Array.from({ length: sheets }, (_, z) => (
        <GridSheet key={grid.labels.z[z] ?? 'only'} grid={grid} z={z} onOpen={onOpen} />
      ))}
    </div>
  );
}

function GridSheet({ grid, z, onOpen }: Props & { z: number }) {
  const { labels, titles, cells } = grid;
  const rows = Math.max(1, labels.y.length);
  const columns = Math.max(1, labels.x.length);
  const name = labels.z[z] ?? 'Grid';
  return (
    <section
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={`${name}, pictures`}
      className="overflow-x-auto rounded-2xl bg-panel p-3 ring-1 ring-line"
    >
      <table className="mx-auto border-separate border-spacing-1.5">
        <caption className={labels.z.length === 0 ? 'sr-only' : 'pb-2 text-left text-sm font-semibold'}>
          {name}
        </caption>
        {labels.x.length > 0 && (
          <thead>
            <tr>
              {labels.y.length > 0 && (
                <td className="text-2xs text-faint">
                  {titles.y} / {titles.x}
                </td>
              )}
              {labels.x.map((label) => (
                <th
                  key={label}
                  scope="col"
                  className="max-w-56 px-1 pb-1 text-xs font-medium break-words text-soft"
                >
                  {label}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {Array.from({ length: rows }, (_row, y) => (
            <tr key={labels.y[y] ?? 'only'}>
              {labels.y.length > 0 && (
                <th scope="row" className="max-w-36 pr-2 text-left text-xs font-medium break-words text-soft">
                  {labels.y[y]}
                </th>
              )}
              {Array.from({ length: columns }, (_column, x) => {
                const index = (z * rows + y) * columns + x;
                const cell = cells[index];
                return (
                  <td key={labels.x[x] ?? 'only'} className="p-0">
                    {cell !== undefined && <Cell grid={grid} cell={cell} onOpen={() => onOpen(index)} />}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell({ grid, cell, onOpen }: { grid: Grid; cell: GridCell; onOpen: () => void }) {
  const { state, request } = cell;
  const shape = { aspectRatio: `${request.widthPx} / ${request.heightPx}` };
  const size = 'block w-28 overflow-hidden rounded-lg bg-well ring-1 ring-line sm:w-36 lg:w-44';
  if (state.kind !== 'done') {
    const words = { waiting: '', drawing: 'Drawing', failed: 'Failed', cancelled: 'Not drawn' }[state.kind];
    return (
      <div
        className={`${size} grid place-items-center text-2xs text-faint ${state.kind === 'drawing' ? 'warming' : ''}`}
        style={shape}
      >
        {words}
      </div>
    );
  }
  return (
    <button
      type="button"
      aria-label={`Open ${placeName(grid, cell)}`}
      className={`${size} relative cursor-zoom-in`}
      style={shape}
      onClick={onOpen}
    >
      <img src={state.url} alt={`${request.prompt}, ${placeName(grid, cell)}`} className="arrive size-full" />
      {state.keptId !== null && (
        <span className="absolute top-1 right-1 rounded-full bg-ember p-1 text-on-ember">
          <Check size={11} aria-hidden="true" />
          <span className="sr-only">in the gallery</span>
        </span>
      )}
    </button>
  );
}
