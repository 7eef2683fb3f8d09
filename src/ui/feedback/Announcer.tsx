import { useEffect } from 'react';
import { useInterrupted } from '#state/interrupted.ts';
import { isRunning, runFraction, useRun } from '#state/run.ts';
import { useToast } from '#state/toast.ts';
import { noticeText } from '#ui/failure-text.ts';
import { announcement, interruptedText } from '#ui/run-text.ts';

/** The one polite live region, and the tab's title. Neither is seen on the page. */
export function Announcer() {
  const progress = useRun(({ run }) => (run === null ? '' : announcement(run)));
  const notices = useRun(({ run }) =>
    (run?.notices ?? []).map((notice) => noticeText(notice).title).join('. '),
  );
  const toast = useToast((state) => (state.toast?.tone === 'plain' ? state.toast.text : ''));
  const interrupted = useInterrupted(({ jobs }) => interruptedText(jobs));
  const title = useRun((state) => {
    if (state.run === null || !isRunning(state)) return 'Kiln';
    const fraction = state.run.phase.kind === 'loading' ? null : runFraction(state.run);
    return fraction === null ? '(…) Kiln' : `(${Math.round(fraction * 100)} %) Kiln`;
  });
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <output aria-live="polite" aria-atomic="false" className="sr-only">
      <span>{progress}</span>
      <span>{notices}</span>
      <span>{interrupted}</span>
      <span>{toast}</span>
    </output>
  );
}
