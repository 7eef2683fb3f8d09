import { useInterrupted } from '#state/interrupted.ts';
import { services } from '#state/services.ts';

/** Asks the disk for jobs that no tab has finished. */
export async function lookForInterrupted(): Promise<void> {
  useInterrupted.setState({ jobs: await services().queue.interrupted() });
}
