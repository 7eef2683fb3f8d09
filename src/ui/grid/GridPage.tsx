import { FileArchive, Image, Images, X } from 'lucide-react';
import { useState } from 'react';
import { exportGridArchive, exportGridSheet } from '#state/actions/export-grid.ts';
import { cancelGrid, clearGrid, keepGrid, runGrid } from '#state/actions/run-grid.ts';
import { AXES, type Grid, gridFraction, useGrid } from '#state/grid.ts';
import type { GridPlace } from '#state/grid-axes.ts';
import { planGrid, type PlanResult, predictSeconds } from '#state/grid-plan.ts';
import { usePreferences } from '#state/preferences.ts';
import { useQueue } from '#state/queue.ts';
import { isRunning, useRun } from '#state/run.ts';
import { failureText } from '#ui/failure-text.ts';
import { formatDuration } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';
import { PageFrame } from '#ui/kit/PageFrame.tsx';
import { Meter } from '#ui/library/Meter.tsx';
import { AxisEditor } from './AxisEditor.tsx';
import { CellDialog } from './CellDialog.tsx';
import { GridTable } from './GridTable.tsx';
import { useGridPlace } from './use-grid-place.ts';

/** One prompt under many settings: an axis each for columns, rows and sheets. */
export function GridPage() {
  const grid = useGrid((state) => state.grid);
  const place = useGridPlace();
  const [open, setOpen] = useState<number | null>(null);
  return (
    <PageFrame
      view="grid"
      title="X/Y/Z grid"
      column="max-w-6xl pb-16"
      over={
        grid !== null &&
        open !== null && (
          <CellDialog grid={grid} index={open} onMove={setOpen} onClose={() => setOpen(null)} />
        )
      }
    >
      {place !== null && <Setup place={place} grid={grid} />}
      {grid !== null && (
        <>
          <Outcome grid={grid} />
          <GridTable grid={grid} onOpen={setOpen} />
        </>
      )}
    </PageFrame>
  );
}

function Setup({ place, grid }: { place: GridPlace; grid: Grid | null }) {
  const axes = useGrid((state) => state.axes);
  const rates = useQueue((state) => state.rates);
  const device = usePreferences((preferences) => preferences.device);
  const isBusy = useRun(isRunning);
  const { prompt, seed } = place.draft;
  const result = planGrid(axes, place);
  const isDrawing = grid?.isRunning === true;
  return (
    <section aria-label="Axes" className="flex flex-col gap-3">
      <p className="text-sm text-soft">
        {prompt.trim() === '' ? (
          'Write a prompt in the studio first. Everything that no axis changes is taken from the form there.'
        ) : (
          <>
            <span className="line-clamp-2 text-base text-ink">{prompt}</span>
            Seed {seed} and everything else that no axis changes is as in the form.
          </>
        )}
      </p>
      <div className="grid gap-3 md:grid-cols-3">
        {AXES.map((axis) => (
          <AxisEditor
            key={axis}
            axis={axis}
            place={place}
            problem={!result.ok && result.axis === axis && 'reason' in result ? result.reason : null}
            disabled={isDrawing}
          />
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-3">
        {isDrawing ? (
          <Button icon={<X size={15} aria-hidden="true" />} disabled={grid.isCancelling} onClick={cancelGrid}>
            {grid.isCancelling ? 'Stopping…' : 'Cancel'}
          </Button>
        ) : (
          <Button
            look="primary"
            disabled={!result.ok || isBusy}
            onClick={() => {
              if (result.ok) void runGrid(result.plan, prompt);
            }}
          >
            {grid === null ? 'Draw the grid' : 'Draw it anew'}
          </Button>
        )}
        <p aria-live="polite" className="min-w-0 flex-1 text-xs text-soft">
          {isDrawing
            ? ''
            : isBusy
              ? 'A run is under way: the grid can begin when it has ended.'
              : summary(result)}
          {!isDrawing && !isBusy && result.ok && (
            <Prediction
              seconds={predictSeconds(
                result.plan.cells.map(({ request }) => request),
                rates,
                device,
              )}
            />
          )}
        </p>
      </div>
    </section>
  );
}

function Prediction({ seconds }: { seconds: number | null }) {
  return seconds === null
    ? ', time not known yet on this device'
    : `, about ${formatDuration(seconds * 1000)}`;
}

function summary(result: PlanResult): string {
  if (result.ok) {
    const { labels, cells } = result.plan;
    const sides = [labels.x, labels.y, labels.z]
      .filter(({ length }) => length > 0)
      .map(({ length }) => length);
    const product = sides.length > 1 ? `${sides.join(' × ')} = ` : '';
    return `${product}${cells.length} ${cells.length === 1 ? 'picture' : 'pictures'}`;
  }
  if ('failure' in result) {
    const { happened, next } = failureText(result.failure);
    return `${happened} ${next}`;
  }
  return result.axis === null ? result.reason : `${result.axis.toUpperCase()}: ${result.reason}`;
}

/** How far it is, and what can be taken away. */
function Outcome({ grid }: { grid: Grid }) {
  const isExporting = useGrid((state) => state.isExporting);
  const done = grid.cells.filter(({ state }) => state.kind === 'done').length;
  const failed = grid.cells.find(({ state }) => state.kind === 'failed')?.state;
  const all = grid.cells.length;
  return (
    <section aria-label="Result" className="flex flex-col gap-2">
      {grid.isRunning && (
        <Meter label="Grid" fraction={gridFraction(grid)} text={`${done} of ${all} pictures`} />
      )}
      <div className="flex flex-wrap items-center gap-2">
        <p aria-live="polite" className="mr-auto text-xs text-soft tabular-nums">
          {done} of {all} pictures{grid.isRunning ? '' : done < all ? ', the rest was not drawn' : ''}
        </p>
        <Button
          icon={<Images size={15} aria-hidden="true" />}
          disabled={done === 0}
          onClick={() => void keepGrid()}
        >
          Keep all
        </Button>
        <Button
          icon={<Image size={15} aria-hidden="true" />}
          disabled={done === 0 || isExporting}
          onClick={() => void exportGridSheet()}
        >
          Sheet as PNG
        </Button>
        <Button
          icon={<FileArchive size={15} aria-hidden="true" />}
          disabled={done === 0 || isExporting}
          onClick={() => void exportGridArchive()}
        >
          All as zip
        </Button>
        <Button look="quiet" disabled={grid.isRunning} onClick={clearGrid}>
          Clear
        </Button>
      </div>
      {failed?.kind === 'failed' && (
        <p role="alert" className="rounded-xl bg-danger-wash p-3 text-sm text-danger">
          {failureText(failed.failure).title}. {failureText(failed.failure).next}
        </p>
      )}
    </section>
  );
}
