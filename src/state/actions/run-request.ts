import type { Job, KeptJob } from '#core/queue/queue.ts';
import { runQueue } from '#state/actions/run-queue.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { hasToWait, tellQueue, useQueue } from '#state/queue.ts';
import { openJob } from '#state/queue-lines.ts';
import { useRun } from '#state/run.ts';
import { services } from '#state/services.ts';

/** Puts a request at the end of the queue, where it waits for those before it. Resolves when its run has ended. */
export async function runRequest(asked: Job): Promise<void> {
  const { jobs, isPaused } = useQueue.getState();
  const isBehind = hasToWait(useQueue.getState());
  const order = Math.max(Date.now(), (jobs.at(-1)?.order ?? 0) + 1);
  const job: KeptJob = { ...asked, id: crypto.randomUUID(), order, finished: 0 };
  const ended = openJob(job.id, services().queue.add(job));
  useRun.setState({ formFailure: null });
  // What failed before is looked at no more once something new is begun.
  if (!isBehind) tellQueue({ kind: 'remove', ids: jobs.map(({ id }) => id) });
  tellQueue({ kind: 'add', jobs: [job] });
  if (isBehind) {
    const text = isPaused ? 'Added to the queue, which is paused.' : 'Added to the queue.';
    showToast({ text, tone: 'plain', action: null });
  }
  void runQueue();
  await ended;
}
