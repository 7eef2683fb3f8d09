import { Bell, BellOff, ChevronDown, ChevronUp, GripVertical, Pause, Play, RotateCcw, X } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import type { QueuedJob } from '#core/queue/queue.ts';
import { secondsPerPicture } from '#core/queue/rates.ts';
import { cancel } from '#state/actions/cancel.ts';
import { chooseNotifying } from '#state/actions/choose-notifying.ts';
import { moveJob } from '#state/actions/move-job.ts';
import { pauseQueue, resumeQueue } from '#state/actions/pause-queue.ts';
import { cancelQueue, removeJobs, retryJob } from '#state/actions/remove-jobs.ts';
import { usePreferences } from '#state/preferences.ts';
import { useQueue } from '#state/queue.ts';
import { failureText } from '#ui/failure-text.ts';
import { formatDuration } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';

/** The jobs in their order, and what one can do with them. */
export function QueueList() {
  const jobs = useQueue((state) => state.jobs);
  const isPaused = useQueue((state) => state.isPaused);
  const isNotifying = usePreferences((preferences) => preferences.isNotifying);
  const list = useRef<HTMLOListElement>(null);
  return (
    <div className="px-1.5 pb-1.5">
      <div className="flex flex-wrap gap-1 pb-1">
        <Button
          look="quiet"
          className="px-2"
          icon={isPaused ? <Play size={14} aria-hidden="true" /> : <Pause size={14} aria-hidden="true" />}
          onClick={isPaused ? resumeQueue : pauseQueue}
        >
          {isPaused ? 'Go on' : 'Pause'}
        </Button>
        <Button look="quiet" className="px-2" icon={<X size={14} aria-hidden="true" />} onClick={cancelQueue}>
          Cancel all
        </Button>
        <Button
          look="quiet"
          aria-pressed={isNotifying}
          className="px-2 aria-pressed:text-ember-ink"
          icon={
            isNotifying ? <Bell size={14} aria-hidden="true" /> : <BellOff size={14} aria-hidden="true" />
          }
          onClick={() => void chooseNotifying(!isNotifying)}
        >
          Notify me
        </Button>
      </div>
      <ol ref={list} aria-label="Jobs" className="flex max-h-56 flex-col gap-1 overflow-y-auto">
        {jobs.map((job, index) => (
          <Item key={job.id} job={job} index={index} count={jobs.length} list={list} />
        ))}
      </ol>
    </div>
  );
}

interface ItemProps {
  job: QueuedJob;
  index: number;
  count: number;
  list: React.RefObject<HTMLOListElement | null>;
}

function Item({ job, index, count, list }: ItemProps) {
  const { id, request, state, failure } = job;
  const isRunning = state === 'running';
  const first = useQueue(({ jobs }) => (jobs[0]?.state === 'running' ? 1 : 0));
  const name = request.prompt === '' ? 'Untitled' : request.prompt;
  return (
    <li className="flex items-center gap-1 rounded-lg bg-panel py-1 pr-1 ring-1 ring-line">
      {isRunning ? (
        <span aria-hidden="true" className="mx-2 size-2 shrink-0 rounded-full bg-ember" />
      ) : (
        <Grip id={id} index={index} name={name} list={list} />
      )}
      <div className="min-w-0 flex-1 py-0.5">
        <p className="truncate text-xs">{name}</p>
        <p className={`truncate text-2xs tabular-nums ${failure === null ? 'text-faint' : 'text-danger'}`}>
          {failure === null ? <Facts job={job} /> : failureText(failure).title}
        </p>
      </div>
      {state === 'failed' && (
        <Small label={`Try again: ${name}`} onClick={() => retryJob(id)}>
          <RotateCcw size={14} aria-hidden="true" />
        </Small>
      )}
      {!isRunning && (
        <>
          <Small label={`Move up: ${name}`} isOff={index <= first} onClick={() => moveJob(id, index - 1)}>
            <ChevronUp size={14} aria-hidden="true" />
          </Small>
          <Small
            label={`Move down: ${name}`}
            isOff={index === count - 1}
            onClick={() => moveJob(id, index + 1)}
          >
            <ChevronDown size={14} aria-hidden="true" />
          </Small>
        </>
      )}
      <Small
        label={isRunning ? `Stop: ${name}` : `Remove: ${name}`}
        onClick={() => (isRunning ? cancel() : removeJobs([id]))}
      >
        <X size={14} aria-hidden="true" />
      </Small>
    </li>
  );
}

function Facts({ job }: { job: QueuedJob }) {
  const pace = useQueue(({ rates }) => secondsPerPicture(rates, job));
  const { count } = job.request;
  const left = count - job.finished;
  const pictures =
    job.finished > 0
      ? `${job.finished} of ${count} pictures`
      : count === 1
        ? '1 picture'
        : `${count} pictures`;
  return [
    job.state === 'running' ? `Running, ${pictures}` : pictures,
    pace === null ? null : formatDuration(pace * left * 1000),
  ]
    .filter((part) => part !== null)
    .join(', ');
}

/** Moves its job by drag, and by the arrow keys. */
function Grip({
  id,
  index,
  name,
  list,
}: {
  id: string;
  index: number;
  name: string;
  list: ItemProps['list'];
}) {
  const follow = ({ currentTarget, pointerId, clientY }: PointerEvent) => {
    if (!currentTarget.hasPointerCapture(pointerId)) return;
    const rows = [...(list.current?.children ?? [])].map((row) => row.getBoundingClientRect());
    const at = rows.findIndex(({ top, bottom }) => clientY >= top && clientY < bottom);
    if (at !== -1 && at !== index) moveJob(id, at);
  };
  const step = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (by === 0) return;
    event.preventDefault();
    event.stopPropagation();
    moveJob(id, Math.max(0, index + by));
  };
  return (
    <button
      type="button"
      aria-label={`Place ${index + 1} in the queue: ${name}`}
      title="Drag, or use the arrow keys"
      className="flex h-8 w-6 shrink-0 cursor-grab touch-none items-center justify-center rounded-md text-faint hover:text-ink active:cursor-grabbing"
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={follow}
      onKeyDown={step}
    >
      <GripVertical size={14} aria-hidden="true" />
    </button>
  );
}

function Small({
  label,
  isOff = false,
  onClick,
  children,
}: {
  label: string;
  isOff?: boolean;
  onClick: () => void;
  children: React.ReactNode;
}) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      // Not `disabled`: the focus would be lost at the end of the list.
      aria-disabled={isOff}
      className="flex size-7 shrink-0 items-center justify-center rounded-md text-soft hover:bg-hover hover:text-ink aria-disabled:opacity-35 pointer-coarse:size-11"
      onClick={() => !isOff && onClick()}
    >
      {children}
    </button>
  );
}
