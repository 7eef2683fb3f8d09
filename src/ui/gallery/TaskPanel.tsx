import { X } from 'lucide-react';
import { cancelZip } from '#state/actions/zip-pictures.ts';
import { cancelRemove } from '#state/actions/remove-pictures.ts';
import { cancelImport, dismissReport } from '#state/actions/import-pictures.ts';
import { type GalleryTask, type ImportReport, useBrowse } from '#state/browse.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';

const DOING = { import: 'Importing', zip: 'Packing', delete: 'Deleting', restore: 'Bringing back' };
/** What comes back is not stopped halfway: the rest of it would be lost. */
const CANCELS = { import: cancelImport, zip: cancelZip, delete: cancelRemove, restore: null };

/** How far a long piece of work is, and how an import ended. */
export function TaskPanel() {
  const task = useBrowse((state) => state.task);
  const report = useBrowse((state) => state.report);
  return (
    <>
      {task !== null && <Progress task={task} />}
      <output aria-live="polite" className="block">
        {report !== null && <Report report={report} />}
      </output>
    </>
  );
}

function Progress({ task: { kind, done, total, isCancelling } }: { task: GalleryTask }) {
  const text = isCancelling ? 'Stopping' : `${DOING[kind]} picture ${Math.min(done + 1, total)} of ${total}`;
  const cancel = CANCELS[kind];
  const percent = Math.round((100 * done) / Math.max(1, total));
  return (
    <div className="flex items-center gap-4 rounded-xl bg-panel py-2 pr-2 pl-4 ring-1 ring-line">
      <div className="min-w-0 flex-1">
        <p className="mb-1.5 text-xs text-soft tabular-nums">{text}</p>
        <div
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- <progress> cannot be drawn alike everywhere
          role="progressbar"
          aria-label={DOING[kind]}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
          aria-valuetext={text}
          className="h-1 overflow-hidden rounded-full bg-line forced-colors:border"
        >
          <div
            className="h-full rounded-full bg-ember forced-colors:bg-[Highlight]"
            style={{ width: `${percent}%` }}
          />
        </div>
      </div>
      {cancel !== null && (
        <Button disabled={isCancelling} onClick={cancel}>
          Cancel
        </Button>
      )}
    </div>
  );
}

function Report({ report: { added, skipped, stopped } }: { report: ImportReport }) {
  const left = skipped.reduce((sum, { names }) => sum + names.length, 0);
  const came = added === 1 ? '1 picture imported.' : `${added} pictures imported.`;
  const why = {
    cancelled: ' The import was cancelled.',
    quota: ' The browser’s storage is full: delete pictures or models, then import the rest.',
  };
  return (
    <div className="flex items-start gap-2 rounded-xl bg-panel py-1.5 pr-1.5 pl-4 text-xs ring-1 ring-line">
      <div className="min-w-0 flex-1 py-1.5">
        <p className="font-medium">
          {came}
          {left > 0 && ` ${left === 1 ? 'One file was' : `${left} files were`} left out.`}
          {stopped !== null && why[stopped]}
        </p>
        <ul className="mt-1 flex max-h-40 flex-col gap-1 overflow-y-auto text-soft empty:hidden">
          {skipped.map(({ reason, names }) => (
            <li key={reason} className="break-words">
              {reason.charAt(0).toUpperCase() + reason.slice(1)}
              {/[.!?]$/.test(reason) ? '' : '.'} <span className="text-faint">{names.join(', ')}</span>
            </li>
          ))}
        </ul>
      </div>
      <IconButton label="Dismiss the report" onClick={dismissReport}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
