import type { QueuedJob } from '#core/queue/queue.ts';
import { cancel } from '#state/actions/cancel.ts';
import { runQueue } from '#state/actions/run-queue.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { tellQueue, useQueue } from '#state/queue.ts';
import { closeJob, openJob } from '#state/queue-lines.ts';
import { services } from '#state/services.ts';
import { useToast } from '#state/toast.ts';

/** The jobs taken out last, so that they can come back while the toast shows. */
let removed: QueuedJob[] = [];

/** Takes waiting and failed jobs out of the queue. What they finished stays. */
export function removeJobs(ids: readonly string[]): void {
  const jobs = useQueue.getState().jobs.filter((job) => ids.includes(job.id) && job.state !== 'running');
  if (jobs.length === 0) return;
  removed = jobs;
  tellQueue({ kind: 'remove', ids });
  for (const { id } of jobs) void closeJob(id);
  const text = jobs.length === 1 ? 'Job removed from the queue.' : `${jobs.length} jobs removed.`;
  showToast({ text, tone: 'plain', action: 'undo-remove-jobs' });
}

/** Takes all out, and stops the one that runs after the step it is in. */
export function cancelQueue(): void {
  removeJobs(useQueue.getState().jobs.map(({ id }) => id));
  cancel();
}

export function undoRemoveJobs(): void {
  for (const job of removed) void openJob(job.id, services().queue.add(job));
  tellQueue({ kind: 'add', jobs: removed });
  removed = [];
  useToast.setState({ toast: null });
  void runQueue();
}

/** Has a job that failed wait for another turn. */
export function retryJob(id: string): void {
  const job = useQueue.getState().jobs.find((one) => one.id === id && one.state === 'failed');
  if (job === undefined) return;
  void openJob(id, services().queue.add(job));
  tellQueue({ kind: 'retry', id });
  void runQueue();
}
