import { cancel } from '#state/actions/cancel.ts';
import { generate } from '#state/actions/generate.ts';
import { useModels } from '#state/models.ts';
import { isRunning, useRun } from '#state/run.ts';
import { failureText } from '#ui/failure-text.ts';
import { MODIFIER_KEY } from '#ui/kit/platform.ts';

/** Generate, or Cancel while it runs: one button, so that the focus stays where it is. */
export function GenerateButton({ className = '' }: { className?: string }) {
  const isBusy = useRun(isRunning);
  const isCancelling = useRun((state) => isRunning(state) && state.run?.isCancelling === true);
  const isReady = useModels((state) => state.status === 'ready');
  const look = isBusy
    ? 'bg-raised text-ink ring-1 ring-line-strong ring-inset hover:bg-hover aria-disabled:opacity-60'
    : 'bg-ember text-on-ember hover:bg-ember-hover disabled:opacity-50';
  return (
    <button
      type="button"
      disabled={!isReady}
      aria-disabled={isCancelling}
      title={isBusy ? 'Esc' : `${MODIFIER_KEY} + Enter`}
      className={`flex h-10 items-center justify-center rounded-xl px-5 text-sm font-semibold transition-colors select-none pointer-coarse:h-11 forced-colors:border ${look} ${className}`}
      onClick={(event) => {
        if (!isBusy) void generate();
        // The second half of a double click on Generate is not a wish to cancel.
        else if (event.detail < 2) cancel();
      }}
    >
      {isBusy ? 'Cancel' : 'Generate'}
    </button>
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
