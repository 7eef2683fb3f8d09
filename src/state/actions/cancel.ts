import { useRun } from '#state/run.ts';
import { abortRun } from '#state/run-signal.ts';

/** Stops the run after the step it is in; what is finished stays. */
export function cancel(): void {
  const { run } = useRun.getState();
  if (run === null || run.outcome !== null || run.isCancelling) return;
  useRun.setState({ run: { ...run, isCancelling: true } });
  abortRun();
}
