import { Info, X } from 'lucide-react';
import { dismissNotices } from '#state/actions/dismiss-notices.ts';
import { useRun } from '#state/run.ts';
import { noticeText } from '#ui/failure-text.ts';
import { IconButton } from '#ui/kit/IconButton.tsx';

/** What the person should know about a run that went on all the same. */
export function Notices() {
  const run = useRun((state) => state.run);
  if (run === null || run.notices.length === 0) return null;
  return (
    <div className="mx-auto flex w-full max-w-2xl items-start gap-2 rounded-xl bg-raised p-1 pl-3 ring-1 ring-line">
      <Info size={15} aria-hidden="true" className="mt-2 shrink-0 text-ember-ink" />
      <ul className="min-w-0 flex-1 py-1.5 text-xs">
        {run.notices.map((notice, index) => {
          const { title, happened, next } = noticeText(notice);
          return (
            // oxlint-disable-next-line react/no-array-index-key -- notices only ever grow at the end
            <li key={index} className="break-words text-soft">
              <span className="font-medium text-ink">{title}.</span> {happened} {next}
            </li>
          );
        })}
      </ul>
      <IconButton label="Dismiss notices" onClick={dismissNotices}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
