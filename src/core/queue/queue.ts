/** The jobs that wait, in their order: what every event does to them. No clock, no storage, no engine. */
import type { Failure } from '../failure.ts';
import type { GenerateRequest } from '../pipeline/request.ts';

/** What was asked for: its seed is chosen, its choices are made. */
export interface Job {
  request: GenerateRequest;
  device: 'auto' | 'webgpu' | 'cpu';
  preview: 'off' | 'linear' | 'decoder';
  /** Its pictures are enlarged before they are kept. */
  upscale: boolean;
}

/** A job as it is kept. */
export interface KeptJob extends Job {
  id: string;
  /** Jobs run from the smallest to the largest. */
  order: number;
  /** Pictures that were saved, counted from the first; at most the request's count. */
  finished: number;
}

export interface QueuedJob extends KeptJob {
  state: 'waiting' | 'running' | 'failed';
  /** Why it failed; null in every other state. */
  failure: Failure | null;
}

export interface Queue {
  /** In the order in which they run. */
  jobs: readonly QueuedJob[];
  /** Nothing new is begun. */
  isPaused: boolean;
  /** Jobs that failed one after the other. */
  failuresInARow: number;
}

export type QueueEvent =
  | { kind: 'add'; jobs: readonly KeptJob[] }
  | { kind: 'start'; id: string }
  | { kind: 'finished'; id: string; pictures: number }
  /** It was stopped between two pictures and goes on later. */
  | { kind: 'wait'; id: string }
  | { kind: 'end'; id: string }
  | { kind: 'fail'; id: string; failure: Failure }
  | { kind: 'retry'; id: string }
  /** `to`: its place among all jobs, from 0. */
  | { kind: 'move'; id: string; to: number }
  | { kind: 'remove'; ids: readonly string[] }
  | { kind: 'pause' }
  | { kind: 'resume' };

export const EMPTY_QUEUE: Queue = { jobs: [], isPaused: false, failuresInARow: 0 };

/** One job that fails may be its own fault. After so many in a row the others would only be spent. */
const FAILURES_TO_PAUSE = 2;

export function reduceQueue(queue: Queue, event: QueueEvent): Queue {
  const { jobs } = queue;
  switch (event.kind) {
    case 'add':
      return { ...queue, jobs: event.jobs.reduce(add, jobs) };
    case 'start': {
      const isFree = jobs.every(({ state }) => state !== 'running');
      return isFree ? changed(queue, event.id, 'waiting', { state: 'running' }) : queue;
    }
    case 'finished':
      return changed(queue, event.id, null, ({ finished, request }) => ({
        finished: Math.min(request.count, Math.max(finished, event.pictures)),
      }));
    case 'wait':
      return changed(queue, event.id, 'running', { state: 'waiting' });
    case 'end':
      return { ...queue, failuresInARow: 0, jobs: jobs.filter(({ id }) => id !== event.id) };
    case 'fail': {
      const failed = changed(queue, event.id, 'running', { state: 'failed', failure: event.failure });
      if (failed === queue) return queue;
      const failuresInARow = queue.failuresInARow + 1;
      const isPaused = queue.isPaused || (failuresInARow >= FAILURES_TO_PAUSE && failed.jobs.some(isWaiting));
      return { ...failed, failuresInARow, isPaused };
    }
    case 'retry':
      return changed(queue, event.id, 'failed', { state: 'waiting', failure: null });
    case 'move':
      return { ...queue, jobs: moved(jobs, event.id, event.to) };
    case 'remove':
      return {
        ...queue,
        jobs: jobs.filter(({ id, state }) => state === 'running' || !event.ids.includes(id)),
      };
    case 'pause':
      return { ...queue, isPaused: true };
    case 'resume':
      return { ...queue, isPaused: false, failuresInARow: 0 };
  }
}

/** The job to begin now; null while one runs, while the queue is paused, and when none waits. */
export function nextJob({ jobs, isPaused }: Queue): QueuedJob | null {
  if (isPaused || jobs.some(({ state }) => state === 'running')) return null;
  return jobs.find(isWaiting) ?? null;
}

export function isWaiting({ state }: QueuedJob): boolean {
  return state === 'waiting';
}

/** Pictures that jobs still owe. */
export function picturesLeft(jobs: readonly KeptJob[]): number {
  return jobs.reduce((sum, { request, finished }) => sum + request.count - finished, 0);
}

function add(jobs: readonly QueuedJob[], job: KeptJob): readonly QueuedJob[] {
  if (jobs.some(({ id }) => id === job.id)) return jobs;
  const queued: QueuedJob = { ...job, state: 'waiting', failure: null };
  return [...jobs, queued].sort((a, b) => a.order - b.order);
}

function changed(
  queue: Queue,
  id: string,
  from: QueuedJob['state'] | null,
  change: Partial<QueuedJob> | ((job: QueuedJob) => Partial<QueuedJob>),
): Queue {
  const job = queue.jobs.find((one) => one.id === id && (from === null || one.state === from));
  if (job === undefined) return queue;
  const next = { ...job, ...(typeof change === 'function' ? change(job) : change) };
  return { ...queue, jobs: queue.jobs.map((one) => (one === job ? next : one)) };
}

/** The numbers of the order stay the same ones, so that they never run out of room between two of them. */
function moved(jobs: readonly QueuedJob[], id: string, to: number): readonly QueuedJob[] {
  const job = jobs.find((one) => one.id === id);
  if (job === undefined || job.state === 'running') return jobs;
  const others = jobs.filter((one) => one !== job);
  // What runs was first, and stays so.
  const first = others.findIndex(({ state }) => state === 'running') + 1;
  const at = Math.max(first, Math.min(others.length, Math.round(to)));
  const sequence = [...others.slice(0, at), job, ...others.slice(at)];
  const orders = jobs.map(({ order }) => order);
  return sequence.map((one, index) =>
    one.order === orders[index] ? one : { ...one, order: orders[index] ?? one.order },
  );
}
