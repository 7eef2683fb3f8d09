import { tellQueue, useQueue } from '#state/queue.ts';
import { lineOf } from '#state/queue-lines.ts';

/** Puts a waiting job to another place of the queue; the one that runs stays first. */
export function moveJob(id: string, to: number): void {
  const before = new Map(useQueue.getState().jobs.map((job) => [job.id, job.order]));
  tellQueue({ kind: 'move', id, to });
  for (const job of useQueue.getState().jobs) {
    if (before.get(job.id) === job.order) continue;
    void lineOf(job.id)?.then((line) => line.update({ order: job.order }));
  }
}
