import { nextJob } from '#core/queue/queue.ts';
import { runJob } from '#state/actions/run-job.ts';
import { tellQueueEnd } from '#state/actions/tell-queue-end.ts';
import { useGallery } from '#state/gallery.ts';
import { useQueue } from '#state/queue.ts';
import { services } from '#state/services.ts';

let isGoing = false;

/** Runs one waiting job after the other until none is left or the queue is paused. Does nothing while it does so. */
export async function runQueue(): Promise<void> {
  if (isGoing || nextJob(useQueue.getState()) === null) return;
  isGoing = true;
  const { wakeLock } = services();
  wakeLock.hold();
  let pictures = 0;
  // Who asked for the first is looking at it; with the next ones, someone who looked away is left alone.
  let isWatched = true;
  try {
    for (;;) {
      const job = nextJob(useQueue.getState());
      if (job === null) break;
      pictures += await runJob(job, isWatched);
      isWatched = useGallery.getState().view?.kind === 'run';
    }
  } finally {
    isGoing = false;
    wakeLock.release();
  }
  tellQueueEnd(pictures);
}
