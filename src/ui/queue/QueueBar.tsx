import { Suspense, lazy, useState } from 'react';
import { picturesLeft } from '#core/queue/queue.ts';
import { queueSeconds } from '#core/queue/rates.ts';
import { type QueueState, useQueue } from '#state/queue.ts';
import { isRunning, useRun } from '#state/run.ts';
import { formatTimeLeft } from '#ui/format.ts';
import { ChevronDown } from 'lucide-react';

// Most visits queue nothing: the list is fetched when there is one.
const QueueList = lazy(async () => ({ default: (await import('./QueueList.tsx')).QueueList }));

/** The queue in one line, once there is more in it than what runs; it opens into the list. */
export function QueueBar() {
  const [isOpen, setOpen] = useState(false);
  const isShown = useQueue(hasQueue);
  const summary = useSummary();
  if (!isShown) return null;
  return (
    <section aria-label="Queue" className="mb-3 rounded-xl bg-well ring-1 ring-line ring-inset">
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls="queue-list"
        className="control flex w-full items-center gap-2 rounded-xl px-3 text-left text-xs hover:bg-hover"
        onClick={() => setOpen(!isOpen)}
      >
        <span className="font-medium">Queue</span>
        <span className="min-w-0 flex-1 truncate text-soft tabular-nums">{summary}</span>
        <ChevronDown
          size={14}
          aria-hidden="true"
          className={`shrink-0 text-faint transition-transform ${isOpen ? 'rotate-180' : ''}`}
        />
      </button>
      <div id="queue-list" hidden={!isOpen}>
        {isOpen && (
          <Suspense fallback={null}>
            <QueueList />
          </Suspense>
        )}
      </div>
    </section>
  );
}

/** The one job that runs or has just failed is on the stage, and needs no list. */
function hasQueue({ jobs, isPaused }: QueueState): boolean {
  return (
    jobs.length > 1 || (isPaused && jobs.length > 0) || jobs.some(({ finished }) => finished > 0 && isPaused)
  );
}

function useSummary(): string {
  const { jobs, isPaused, rates } = useQueue();
  // Of the running job the engine knows best.
  const running = useRun((state) =>
    isRunning(state) && state.run?.phase.kind === 'step' ? state.run.phase.secondsLeft : null,
  );
  const open = jobs.filter(({ state }) => state !== 'failed');
  const failed = jobs.length - open.length;
  const pictures = picturesLeft(open);
  const seconds = queueSeconds(jobs, rates, running);
  return [
    isPaused ? (jobs.some(({ state }) => state === 'running') ? 'pausing' : 'paused') : null,
    open.length === 0 ? null : `${pictures} ${pictures === 1 ? 'picture' : 'pictures'} to make`,
    seconds === null || isPaused || open.length === 0 ? null : formatTimeLeft(seconds),
    failed === 0 ? null : `${failed} failed`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}
