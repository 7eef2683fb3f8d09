import { cancel } from '#state/actions/cancel.ts';
import { generate } from '#state/actions/generate.ts';
import { useModels } from '#state/models.ts';
import { hasToWait, useQueue } from '#state/queue.ts';
import { isRunning, useRun } from '#state/run.ts';
import { failureText } from '#ui/failure-text.ts';
import { Button } from '#ui/kit/Button.tsx';
import { MODIFIER_KEY } from '#ui/kit/platform.ts';

/** Generate; while a job runs or the queue is paused it adds another. One button, so that the focus stays where it is. */
export function GenerateButton({ className = '' }: { className?: string }) {
  const isBehind = useQueue(hasToWait);
  const isReady = useModels((state) => state.status === 'ready');
  const look = isBehind
    ? 'bg-raised text-ink ring-1 ring-line-strong ring-inset hover:bg-hover disabled:opacity-60'
    : 'bg-ember text-on-ember hover:bg-ember-hover disabled:opacity-50';
  return (
    <button
      type="button"
      disabled={!isReady}
      title={`${MODIFIER_KEY} + Enter`}
      className={`flex h-10 items-center justify-center rounded-xl px-5 text-sm font-semibold whitespace-nowrap transition-colors select-none pointer-coarse:h-11 max-sm:px-3 forced-colors:border ${look} ${className}`}
      onClick={(event) => {
        // The second half of a double click on Generate is not a wish for another.
        if (event.detail < 2) void generate();
      }}
    >
      {isBehind ? 'Add to queue' : 'Generate'}
    </button>
  );
}

/** Stops the job that runs, while one does. */
export function CancelButton({ className = '' }: { className?: string }) {
  const isBusy = useRun(isRunning);
  const isCancelling = useRun((state) => isRunning(state) && state.run?.isCancelling === true);
  if (!isBusy) return null;
  return (
    <Button
      title="Esc"
      aria-disabled={isCancelling}
      className={`h-10 rounded-xl aria-disabled:opacity-60 pointer-coarse:h-11 ${className}`}
      onClick={cancel}
    >
      Cancel
    </Button>
  );
}

/** What is wrong with the form, said once and next to the button. */
export function FormProblem() {
  const failure = useRun((state) => state.formFailure);
  if (failure === null) return null;
  const { happened, next } = failureText(failure);
  return (
    <p role="alert" className="mb-2 rounded-lg bg-danger-wash px-3 py-2 text-xs text-danger">
      {happened} {next}
    </p>
  );
}
