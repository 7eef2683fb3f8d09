import { History } from 'lucide-react';
import { dismissInterrupted } from '#state/actions/dismiss-interrupted.ts';
import { runRest } from '#state/actions/run-rest.ts';
import { useInterrupted } from '#state/interrupted.ts';
import { isRunning, useRun } from '#state/run.ts';
import { Button } from '#ui/kit/Button.tsx';
import { interruptedText } from '#ui/run-text.ts';

/** Offers to finish what the tab was making when it died. Waits while something else runs. */
export function InterruptedCard() {
  const { jobs, isForgetting } = useInterrupted();
  const [first] = jobs;
  const isBusy = useRun(isRunning);
  if (first === undefined || isBusy) return null;
  return (
    <section
      aria-label="Interrupted run"
      className="mx-auto flex w-full max-w-2xl flex-wrap items-center gap-2 rounded-xl bg-raised p-2 pl-3 ring-1 ring-line forced-colors:border"
    >
      <History size={15} aria-hidden="true" className="shrink-0 text-ember-ink" />
      <div className="min-w-0 flex-1 basis-60 text-xs">
        <p className="font-medium">{interruptedText(jobs)}</p>
        <p className="line-clamp-1 break-words text-soft">{first.request.prompt}</p>
      </div>
      <Button disabled={isForgetting} onClick={() => void runRest()}>
        {jobs.length === 1 && first.finished === 0 ? 'Run it again' : 'Run the rest'}
      </Button>
      <Button look="quiet" disabled={isForgetting} onClick={() => void dismissInterrupted()}>
        {isForgetting ? 'Dismissing' : 'Dismiss'}
      </Button>
    </section>
  );
}
