import { runQueue } from '#state/actions/run-queue.ts';
import { tellQueue } from '#state/queue.ts';

/** Lets the picture that is being made come to its end, and begins nothing more. */
export function pauseQueue(): void {
  tellQueue({ kind: 'pause' });
}

export function resumeQueue(): void {
  tellQueue({ kind: 'resume' });
  void runQueue();
}
