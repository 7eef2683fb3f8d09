import { useInterrupted } from '#state/interrupted.ts';
import { services } from '#state/services.ts';

/** Asks the journal for a run that no tab has finished. */
export async function lookForInterrupted(): Promise<void> {
  useInterrupted.setState({ run: await services().journal.interrupted() });
}
