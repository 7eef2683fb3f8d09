import { Download } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { MAX_PATTERN, NAME_TOKENS, unknownTokens } from '#core/export/file-name.ts';
import {
  cancelExport,
  changeExport,
  dismissExport,
  exportName,
  writeExport,
} from '#state/actions/write-export.ts';
import {
  type ExportRun,
  EXPORT_DEFAULTS,
  type ExportSettings,
  SCALES,
  useExport,
  useExportSettings,
} from '#state/export.ts';
import { useOverlay } from '#state/overlay.ts';
import { services } from '#state/services.ts';
import { failureText } from '#ui/failure-text.ts';
import { Button } from '#ui/kit/Button.tsx';
import { Field } from '#ui/kit/Field.tsx';
import { Segmented } from '#ui/kit/Segmented.tsx';
import { Sheet } from '#ui/kit/Sheet.tsx';
import { SliderField } from '#ui/kit/SliderField.tsx';

const WORDS_NOTES: Record<ExportSettings['words'], string> = {
  all: 'Prompt, seed and every setting, as other tools read them, and the mark that a model made it.',
  mark: 'Only the mark that a model made it, where the press and platforms look for it.',
  none: 'Nothing at all. The law of some places wants generated pictures to be marked.',
};

/** One picture or many as files: format, what they say of themselves, and how they are called. */
export function ExportDialog({ onClose }: { onClose: () => void }) {
  const ids = useOverlay(({ overlay }) => (overlay?.kind === 'export' ? overlay.ids : []));
  const settings = useExportSettings();
  const run = useExport((state) => state.run);
  const isRunning = run?.outcome === 'running';
  const isDone = run?.outcome === 'done';
  const close = () => {
    cancelExport();
    dismissExport();
    onClose();
  };
  return (
    <Sheet
      title={ids.length === 1 ? 'Export picture' : `Export ${ids.length} pictures`}
      about={ids.length === 1 ? 'As a file on this device.' : 'As files in one zip on this device.'}
      onClose={close}
      footer={
        <>
          <output className="block min-w-0 flex-1 basis-40 text-xs text-soft">
            {run !== null && run.outcome !== 'failed' && <Outcome run={run} />}
          </output>
          {isRunning ? (
            <Button onClick={cancelExport}>Cancel export</Button>
          ) : (
            <>
              {isDone && <Button onClick={close}>Done</Button>}
              <Button
                look="primary"
                icon={<Download size={15} aria-hidden="true" />}
                onClick={() => void writeExport(ids)}
              >
                {ids.length === 1 ? 'Save file' : 'Save zip'}
              </Button>
            </>
          )}
        </>
      }
    >
      <fieldset disabled={isRunning} className="m-0 flex min-w-0 flex-col gap-4 border-0 p-0">
        {run?.failure != null && <Failed run={run} />}
        <Row label="Format">
          <Segmented
            label="Format"
            value={settings.format}
            options={[
              { id: 'png', name: 'PNG' },
              { id: 'jpeg', name: 'JPEG' },
              { id: 'webp', name: 'WebP' },
            ]}
            onChange={(format) => changeExport({ format })}
          />
        </Row>
        <SliderField
          label="Quality"
          value={settings.quality}
          min={1}
          max={100}
          step={1}
          reason={settings.format === 'png' ? 'A PNG loses nothing.' : null}
          onChange={(quality) => changeExport({ quality })}
        />
        <Row label="Size">
          <Segmented
            label="Size"
            value={String(settings.scale)}
            options={SCALES.map((scale) => ({ id: String(scale), name: `${scale * 100} %` }))}
            onChange={(id) => changeExport({ scale: SCALES.find((scale) => String(scale) === id) ?? 1 })}
          />
        </Row>
        <div>
          <Row label="It says">
            <Segmented
              label="What the file says of itself"
              value={settings.words}
              describedBy="export-words-note"
              options={[
                { id: 'all', name: 'All settings' },
                { id: 'mark', name: 'AI mark' },
                { id: 'none', name: 'Nothing' },
              ]}
              onChange={(words) => changeExport({ words })}
            />
          </Row>
          <p id="export-words-note" className="mt-1 pl-29 text-2xs text-faint">
            {WORDS_NOTES[settings.words]}
          </p>
        </div>
        <NameField settings={settings} id={ids[0]} />
      </fieldset>
    </Sheet>
  );
}

function NameField({ settings, id }: { settings: ExportSettings; id: string | undefined }) {
  const [example, setExample] = useState<string | null>(null);
  useEffect(() => {
    let isGone = false;
    void (id === undefined ? Promise.resolve(null) : services().gallery.card(id)).then((card) => {
      if (!isGone) setExample(card === null ? null : exportName(card, 1, settings));
    });
    return () => {
      isGone = true;
    };
  }, [id, settings]);
  const unknown = unknownTokens(settings.pattern);
  return (
    <div>
      <Field
        isInline
        label="File name"
        hint={
          unknown.length === 0
            ? example
            : `${unknown.map((token) => `[${token}]`).join(', ')} means nothing and stays as it is. ${example ?? ''}`
        }
      >
        {({ id: fieldId, describedBy }) => (
          <div className="flex gap-2">
            <input
              id={fieldId}
              aria-describedby={describedBy}
              maxLength={MAX_PATTERN}
              className="field control w-full min-w-0 px-2.5"
              value={settings.pattern}
              onChange={(event) => changeExport({ pattern: event.target.value })}
            />
            {settings.pattern !== EXPORT_DEFAULTS.pattern && (
              <Button look="quiet" onClick={() => changeExport({ pattern: EXPORT_DEFAULTS.pattern })}>
                Reset
              </Button>
            )}
          </div>
        )}
      </Field>
      <ul aria-label="Parts of a file name" className="mt-2 flex flex-wrap gap-1 pl-29 max-sm:pl-0">
        {NAME_TOKENS.map((token) => (
          <li key={token}>
            <button
              type="button"
              className="min-h-6 rounded-md bg-well px-1.5 text-2xs text-soft ring-1 ring-line ring-inset hover:bg-hover hover:text-ink pointer-coarse:min-h-11"
              onClick={() => changeExport({ pattern: `${settings.pattern}[${token}]` })}
            >
              [{token}]
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Outcome({ run }: { run: ExportRun }) {
  const { done, total, outcome, remarks } = run;
  if (outcome === 'running') {
    return (
      <>
        <span className="tabular-nums">{total === 1 ? 'Writing' : `${done} of ${total} written`}</span>
        <progress
          aria-label="Export"
          className="mt-1 block h-1 w-full accent-ember"
          value={done}
          max={total}
        />
      </>
    );
  }
  if (outcome === 'cancelled') return 'Cancelled. No file was kept.';
  const said =
    total === 1
      ? 'Saved.'
      : `${total - remarks.filter((text) => text.includes('could not')).length} pictures saved.`;
  return [said, ...remarks.slice(0, 3)].join(' ');
}

function Failed({ run }: { run: ExportRun }) {
  const { title, happened, next } = failureText(run.failure!);
  return (
    <p role="alert" className="rounded-lg bg-danger-wash px-3 py-2 text-xs text-danger">
      <span className="font-medium">{title}.</span> {happened} {next}
    </p>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex items-center gap-3">
      <span aria-hidden="true" className="w-26 shrink-0 text-xs font-medium text-soft">
        {label}
      </span>
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
