import { usePreferences } from '#state/preferences.ts';
import { useQueue } from '#state/queue.ts';
import { services } from '#state/services.ts';

/** A notification of the system that the queue came to its end, if it was asked for and nobody is looking. */
export function tellQueueEnd(pictures: number): void {
  const { jobs, isPaused } = useQueue.getState();
  if (!usePreferences.getState().isNotifying) return;
  const failed = jobs.filter(({ state }) => state === 'failed').length;
  const made = `${pictures === 1 ? '1 picture' : `${pictures} pictures`} made.`;
  const lost = failed === 0 ? '' : ` ${failed === 1 ? 'One job' : `${failed} jobs`} failed.`;
  const waits = isPaused && jobs.length > failed ? ' The rest waits.' : '';
  services().notifier.tell(isPaused ? 'The queue is paused' : 'The queue is done', made + lost + waits);
}
