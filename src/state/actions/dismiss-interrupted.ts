import { lookForInterrupted } from '#state/actions/look-for-interrupted.ts';
import { useInterrupted } from '#state/interrupted.ts';
import { services } from '#state/services.ts';

/** Forgets the interrupted run; what it finished stays. An earlier one may come to light. */
export async function dismissInterrupted(): Promise<void> {
  const { run } = useInterrupted.getState();
  if (run === null) return;
  useInterrupted.setState({ run: null });
  await services().journal.take(run.id);
  await lookForInterrupted();
}
