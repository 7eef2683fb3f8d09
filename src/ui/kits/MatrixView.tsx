import { Download, Grid3x3 } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { starterMismatch } from '#core/kits/starters.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { cancelMatrix, drawMatrix, endMatrix, exportMatrix } from '#state/actions/draw-matrix.ts';
import { useDraft } from '#state/draft.ts';
import {
  MAX_MATRIX_SEEDS,
  type Matrix,
  matrixSecondsLeft,
  NO_KIT,
  settledCells,
  useMatrix,
} from '#state/kit-matrix.ts';
import { findStarter, shownKits, useKits } from '#state/kits.ts';
import { isRunning, useRun } from '#state/run.ts';
import { failureText } from '#ui/failure-text.ts';
import { formatTimeLeft } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';
import { Field } from '#ui/kit/Field.tsx';
import { Segmented } from '#ui/kit/Segmented.tsx';
import { Meter } from '#ui/library/Meter.tsx';
import { MatrixSheet } from './MatrixSheet.tsx';
import { Swatch } from './Swatch.tsx';

const SEEDS = Array.from({ length: MAX_MATRIX_SEEDS }, (_, index) => `${index + 1}`);

/** One prompt in many kits: chosen here, drawn below cell by cell. */
export function MatrixView({ manifest }: { manifest: Manifest }) {
  const { own, starters, hidden } = useKits();
  const draft = useDraft();
  const { matrix, failure } = useMatrix();
  const isBusy = useRun(isRunning);
  const [prompt, setPrompt] = useState(draft.prompt);
  const [seeds, setSeeds] = useState('1');
  const kits = useMemo(
    () =>
      shownKits({ own, starters, hidden }).filter((kit) => {
        const starter = findStarter({ starters }, kit.id);
        return starter === null || starterMismatch(starter, manifest) === null;
      }),
    [own, starters, hidden, manifest],
  );
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => endMatrix, []);
  const choices = [{ id: NO_KIT, name: 'No kit', colour: null }, ...kits];
  const chosen = choices.filter(({ id }) => !left.has(id));
  const toggle = (id: string) =>
    setLeft((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const count = chosen.length * Number(seeds);
  return (
    <div className="flex flex-col gap-5">
      <section aria-label="What to draw" className="rounded-2xl bg-panel p-5 ring-1 ring-line">
        <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_14rem]">
          <Field label="Prompt">
            {({ id }) => (
              <textarea
                id={id}
                className="field field-sizing-content block max-h-40 min-h-11 w-full resize-none px-3 py-2 text-base"
                rows={1}
                placeholder="A red apple on a blue background"
                value={prompt}
                onChange={(event) => setPrompt(event.target.value)}
              />
            )}
          </Field>
          <div>
            <p aria-hidden="true" className="mb-1 flex min-h-6 items-center text-xs font-medium text-soft">
              Seeds, from {draft.seed}
            </p>
            <Segmented
              label={`Seeds, from ${draft.seed}`}
              value={seeds}
              options={SEEDS.map((id) => ({ id, name: id }))}
              onChange={setSeeds}
            />
          </div>
        </div>
        <fieldset className="mt-4 min-w-0">
          <legend className="text-xs font-medium text-soft">Kits</legend>
          <div className="mt-1 flex gap-1">
            <Button look="quiet" className="-ml-3" onClick={() => setLeft(new Set())}>
              All
            </Button>
            <Button look="quiet" onClick={() => setLeft(new Set(choices.map(({ id }) => id)))}>
              None
            </Button>
          </div>
          <div className="mt-1 flex max-h-56 flex-wrap gap-1.5 overflow-y-auto p-0.5">
            {choices.map(({ id, name, colour }) => (
              <label
                key={id}
                className="relative flex min-h-8 max-w-full cursor-pointer items-center gap-2 rounded-full bg-raised py-1 pr-3 pl-1 text-xs ring-1 ring-line ring-inset select-none hover:bg-hover has-checked:bg-ember-wash has-checked:text-ember-ink has-focus-visible:outline-2 has-focus-visible:outline-ember pointer-coarse:min-h-11 forced-colors:has-checked:outline-2"
              >
                <input
                  type="checkbox"
                  className="absolute inset-0 z-10 m-0 cursor-pointer appearance-none rounded-full outline-none"
                  checked={!left.has(id)}
                  onChange={() => toggle(id)}
                />
                {colour === null ? (
                  <span
                    aria-hidden="true"
                    className="size-6 rounded-full bg-well ring-1 ring-line ring-inset"
                  />
                ) : (
                  <Swatch name={name} colour={colour} className="size-6 rounded-full text-2xs" />
                )}
                <span className="truncate">{name}</span>
              </label>
            ))}
          </div>
        </fieldset>
        {failure !== null && (
          <p role="alert" className="mt-3 rounded-lg bg-danger-wash px-3 py-2 text-xs text-danger">
            {failureText(failure).happened} {failureText(failure).next}
          </p>
        )}
        <div className="mt-4 flex flex-wrap items-center gap-2">
          {matrix?.isRunning ? (
            <Button onClick={cancelMatrix}>Cancel</Button>
          ) : (
            <Button
              look="primary"
              icon={<Grid3x3 size={14} aria-hidden="true" />}
              disabled={isBusy || count === 0}
              onClick={() =>
                void drawMatrix(
                  prompt.trim(),
                  chosen.map(({ id }) => id),
                  Number(seeds),
                )
              }
            >
              {count === 1 ? 'Draw 1 picture' : `Draw ${count} pictures`}
            </Button>
          )}
          {matrix !== null && !matrix.isRunning && (
            <Button
              icon={<Download size={14} aria-hidden="true" />}
              disabled={matrix.isExporting || matrix.cells.every(({ picture }) => picture === null)}
              onClick={() => void exportMatrix()}
            >
              {matrix.isExporting ? 'Drawing the sheet…' : 'Export as one PNG'}
            </Button>
          )}
          {isBusy && <span className="text-xs text-faint">A picture is being drawn on the stage.</span>}
        </div>
        {matrix !== null && <MatrixProgress matrix={matrix} />}
      </section>
      {matrix !== null && <MatrixSheet matrix={matrix} />}
    </div>
  );
}

function MatrixProgress({ matrix }: { matrix: Matrix }) {
  const done = settledCells(matrix);
  const seconds = matrixSecondsLeft(matrix);
  const count = `${done} of ${matrix.cells.length}`;
  const text = seconds === null ? count : `${count}, ${formatTimeLeft(seconds)}`;
  return (
    <div className="mt-4">
      {matrix.isRunning && (
        <>
          <Meter label="Matrix" fraction={done / matrix.cells.length} text={text} />
          <p aria-hidden="true" className="mt-1.5 text-2xs text-faint tabular-nums">
            {text}
          </p>
        </>
      )}
      <output className="sr-only">{matrix.isRunning ? '' : `${count} drawn or told why not.`}</output>
    </div>
  );
}
