import { Download, FileArchive, Grid3x3 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { starterMismatch } from '#core/kits/starters.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { cancelMatrix, drawMatrix } from '#state/actions/draw-matrix.ts';
import { exportMatrixArchive, exportMatrixSheet } from '#state/actions/export-matrix.ts';
import { useDraft } from '#state/draft.ts';
import {
  MAX_MATRIX_SEEDS,
  type Matrix,
  matrixKits,
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
import { type KitChoice, MatrixKits } from './MatrixKits.tsx';
import { MatrixSheet } from './MatrixSheet.tsx';

const SEEDS = Array.from({ length: MAX_MATRIX_SEEDS }, (_, index) => `${index + 1}`);

/** One prompt in many kits: chosen here, drawn below cell by cell. */
export function MatrixView({ manifest }: { manifest: Manifest }) {
  const { own, starters, hidden } = useKits();
  const draft = useDraft();
  const { matrix, failure } = useMatrix();
  const isBusy = useRun(isRunning);
  const [prompt, setPrompt] = useState(matrix?.prompt ?? draft.prompt);
  const [seeds, setSeeds] = useState(`${matrix?.seeds.length ?? 1}`);
  const kits = useMemo(
    () =>
      shownKits({ own, starters, hidden }).filter((kit) => {
        const starter = findStarter({ starters }, kit.id);
        return starter === null || starterMismatch(starter, manifest) === null;
      }),
    [own, starters, hidden, manifest],
  );
  const choices: KitChoice[] = [{ id: NO_KIT, name: 'No kit', colour: null }, ...kits];
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(matrix === null ? firstChoice(choices, draft.kitId) : matrixKits(matrix)),
  );
  const ids = choices.map(({ id }) => id).filter((id) => chosen.has(id));
  const count = ids.length * Number(seeds);
  const isEmpty = matrix === null || matrix.cells.every(({ picture }) => picture === null);
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
        <MatrixKits choices={choices} chosen={chosen} onChange={setChosen} />
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
              onClick={() => void drawMatrix(prompt.trim(), ids, Number(seeds))}
            >
              {count === 1 ? 'Draw 1 picture' : `Draw ${count} pictures`}
            </Button>
          )}
          {matrix !== null && !matrix.isRunning && (
            <>
              <Button
                icon={<Download size={14} aria-hidden="true" />}
                disabled={matrix.isExporting || isEmpty}
                onClick={() => void exportMatrixSheet()}
              >
                Export as one PNG
              </Button>
              <Button
                icon={<FileArchive size={14} aria-hidden="true" />}
                disabled={matrix.isExporting || isEmpty}
                onClick={() => void exportMatrixArchive()}
              >
                Export all as ZIP
              </Button>
            </>
          )}
          {matrix?.isExporting && <output className="text-xs text-faint">Writing the file…</output>}
          {isBusy && <span className="text-xs text-faint">A picture is being drawn on the stage.</span>}
        </div>
        {matrix !== null && <MatrixProgress matrix={matrix} />}
      </section>
      {matrix !== null && <MatrixSheet matrix={matrix} />}
    </div>
  );
}

/** So many are drawn without a thought; of more nobody wants all by accident. */
const ALL_UP_TO = 12;

function firstChoice(choices: readonly KitChoice[], wornId: string): string[] {
  const ids = choices.map(({ id }) => id);
  return ids.length <= ALL_UP_TO ? ids : [NO_KIT, wornId];
}

function MatrixProgress({ matrix }: { matrix: Matrix }) {
  const seconds = matrixSecondsLeft(matrix);
  const settled = settledCells(matrix);
  const count = `${settled} of ${matrix.cells.length}`;
  const text = seconds === null ? count : `${count}, ${formatTimeLeft(seconds)}`;
  if (!matrix.isRunning)
    return <output className="mt-3 block text-xs text-soft">{endedSentence(matrix)}</output>;
  return (
    <div className="mt-4">
      <Meter label="Matrix" fraction={settled / matrix.cells.length} text={text} />
      <p aria-hidden="true" className="mt-1.5 text-2xs text-faint tabular-nums">
        {text}
      </p>
    </div>
  );
}

function endedSentence({ cells }: Matrix): string {
  const of = (kind: Matrix['cells'][number]['state']['kind']) =>
    cells.filter(({ state }) => state.kind === kind).length;
  const [failed, cancelled] = [of('failed'), of('cancelled')];
  const rest = [
    failed === 0 ? null : `${failed} could not be, their places say why`,
    cancelled === 0 ? null : `${cancelled} cancelled`,
  ].filter((part) => part !== null);
  return `${[`${of('done')} of ${cells.length} drawn`, ...rest].join('; ')}.`;
}
