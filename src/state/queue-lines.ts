/** What stands behind the jobs of the store: their lines on the disk, and who waits for their end. */
import type { JobLine } from '#storage/queue.ts';

interface Behind {
  line: Promise<JobLine>;
  onEnd: () => void;
}

const behind = new Map<string, Behind>();

/** @returns a promise of the job's end, however it ends */
export function openJob(id: string, line: Promise<JobLine>): Promise<void> {
  return new Promise((resolve) => {
    behind.set(id, { line, onEnd: resolve });
  });
}

export function lineOf(id: string): Promise<JobLine> | null {
  return behind.get(id)?.line ?? null;
}

/** Crosses the job's line out and tells who waits. */
export async function closeJob(id: string): Promise<void> {
  const job = behind.get(id);
  behind.delete(id);
  await (await job?.line)?.end();
  job?.onEnd();
}
