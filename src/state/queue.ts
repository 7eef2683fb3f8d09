/** The jobs of this tab, and how long pictures took here. */
import { create } from 'zustand';
import { EMPTY_QUEUE, type Queue, type QueueEvent, reduceQueue } from '#core/queue/queue.ts';
import type { Rate } from '#core/queue/rates.ts';

export interface QueueState extends Queue {
  rates: readonly Rate[];
}

export const useQueue = create<QueueState>(() => ({ ...EMPTY_QUEUE, rates: [] }));

export function tellQueue(event: QueueEvent): void {
  useQueue.setState(reduceQueue(useQueue.getState(), event));
}

/** Whether a job that is added now would have to wait. */
export function hasToWait({ jobs, isPaused }: Queue): boolean {
  return isPaused || jobs.some(({ state }) => state !== 'failed');
}

/** Picture `index` of a job: the same one however often it is made. */
export function pictureIdOf(jobId: string, index: number): string {
  return `${jobId}-${index}`;
}
