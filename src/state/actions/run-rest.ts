import type { KeptJob } from '#core/queue/queue.ts';
import { lookForInterrupted } from '#state/actions/look-for-interrupted.ts';
import { runQueue } from '#state/actions/run-queue.ts';
import { useInterrupted } from '#state/interrupted.ts';
import { pictureIdOf, tellQueue } from '#state/queue.ts';
import { openJob } from '#state/queue-lines.ts';
import { services } from '#state/services.ts';

/** Makes the pictures that interrupted jobs still owed, each of the seed it would have had. */
export async function runRest(): Promise<void> {
  const { jobs } = useInterrupted.getState();
  if (jobs.length === 0) return;
  useInterrupted.setState({ jobs: [] });
  const { queue } = services();
  const ends: Promise<void>[] = [];
  for (const job of jobs) {
    // Another tab may have been faster.
    const line = await queue.adopt(job.id);
    if (line === null) continue;
    const finished = await countFinished(job);
    if (finished >= job.request.count) {
      await line.end();
      continue;
    }
    ends.push(openJob(job.id, Promise.resolve(line)));
    tellQueue({ kind: 'add', jobs: [{ ...job, finished }] });
  }
  tellQueue({ kind: 'resume' });
  void runQueue();
  await Promise.all(ends);
  await lookForInterrupted();
}

/** The tab may have died between saving a picture and noting it. What was noted and then deleted stays finished. */
async function countFinished({ id, request, finished }: KeptJob): Promise<number> {
  const ids = Array.from({ length: request.count }, (_, index) => pictureIdOf(id, index));
  const here = await services()
    .gallery.have(ids)
    .catch(() => new Set<string>());
  let count = finished;
  while (count < ids.length && here.has(ids[count] ?? '')) count += 1;
  return count;
}
