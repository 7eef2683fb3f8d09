/** Runs one job of the queue: its pictures are saved before they are shown, and noted as they are saved. */
import type { Failure } from '#core/failure.ts';
import { seedsOf } from '#core/pipeline/request.ts';
import type { KeptJob, QueuedJob } from '#core/queue/queue.ts';
import { addRate } from '#core/queue/rates.ts';
import type { GenerateEvent, GenerateOutcome, Picture } from '#engine/api.ts';
import { keepPicture } from '#state/actions/keep-picture.ts';
import { RATES } from '#state/actions/recall-rates.ts';
import { recordPicture } from '#state/actions/measure-device.ts';
import { openPicture } from '#state/actions/open-picture.ts';
import { useGallery } from '#state/gallery.ts';
import { usePreferences } from '#state/preferences.ts';
import { pictureIdOf, tellQueue, useQueue } from '#state/queue.ts';
import { closeJob, lineOf } from '#state/queue-lines.ts';
import { type Cell, type Outcome, type Phase, useRun } from '#state/run.ts';
import { abortRun, beginRun, endRun } from '#state/run-signal.ts';
import { services } from '#state/services.ts';

/**
 * Resolves when the job has ended, however it ended.
 * @param isWatched the stage shows how it comes along
 * @returns how many pictures it made
 */
export async function runJob(job: QueuedJob, isWatched: boolean): Promise<number> {
  const { id, signal } = beginRun();
  tellQueue({ kind: 'start', id: job.id });
  closePreviews();
  useRun.setState({ run: newRun(id, job) });
  if (isWatched) useGallery.setState({ view: { kind: 'run' } });
  const line = await lineOf(job.id);
  const saves: Promise<void>[] = [];
  const isSaved: boolean[] = Array.from({ length: job.finished }, () => true);
  const isMade = [...isSaved];
  let peakBytes: number | null = null;
  let last: Picture | null = null;
  let made = 0;
  let isPausing = false;
  const outcome = await ask(job, signal, (event) => {
    if (event.kind === 'held') ({ peakBytes } = event);
    if (event.kind !== 'picture') {
      applyEvent(id, event);
      return;
    }
    last = event.picture;
    made += 1;
    measure(job, event.picture);
    const { index } = event.picture;
    if (useQueue.getState().isPaused && index + 1 < job.request.count) {
      isPausing = true;
      abortRun();
    }
    const save = async () => {
      const kept = await keepPicture(event.picture, pictureIdOf(job.id, index));
      changeCell(id, index, { pictureId: kept.id });
      isSaved[index] = kept.isSaved;
      isMade[index] = true;
      tellQueue({ kind: 'finished', id: job.id, pictures: leading(isMade) });
      // What only this tab has would be lost with it, and is made again.
      await line?.update({ finished: leading(isSaved) });
    };
    saves.push(save());
  });
  await Promise.all(saves);
  endRun(id);
  const isPaused = isPausing && outcome.outcome === 'cancelled' && !isCancelling();
  if (isPaused) tellQueue({ kind: 'wait', id: job.id });
  else if (outcome.outcome === 'failed') tellQueue({ kind: 'fail', id: job.id, failure: outcome.failure });
  else tellQueue({ kind: 'end', id: job.id });
  finish(id, isPaused ? 'paused' : outcome.outcome, outcome.outcome === 'failed' ? outcome.failure : null);
  if (!isPaused) await closeJob(job.id);
  if (last !== null) void recordPicture(last, peakBytes);
  return made;
}

/** How many are true before the first that is not. */
function leading(flags: boolean[]): number {
  const first = Array.from(flags).findIndex((flag) => flag !== true);
  return first === -1 ? flags.length : first;
}

async function ask(
  job: KeptJob,
  signal: AbortSignal,
  onEvent: (event: GenerateEvent) => void,
): Promise<GenerateOutcome> {
  try {
    const { request, device, preview, upscale, finished } = job;
    const { atOnce } = usePreferences.getState();
    const asked = { request, device, preview, upscale, atOnce, firstIndex: finished };
    return await services().engine.generate(asked, onEvent, signal);
  } catch (error) {
    return { outcome: 'failed', failure: unexpected(error), pictures: 0 };
  }
}

function unexpected(error: unknown): Failure {
  const isError = error instanceof Error;
  return {
    code: 'unexpected',
    message: isError ? error.message : String(error),
    stack: isError ? (error.stack ?? null) : null,
  };
}

/** Remembers the pace, for the time that the queue is said to take. */
function measure(job: KeptJob, { times }: Picture): void {
  const steps = times.stepsMs.reduce((sum, ms) => sum + ms, 0);
  const ms = steps + times.decodeMs + times.encodeMs + (times.upscaleMs ?? 0);
  const rates = addRate(useQueue.getState().rates, job, ms / 1000);
  useQueue.setState({ rates });
  services().settings.write(RATES, rates);
}

function newRun(id: number, { id: jobId, request, finished }: KeptJob) {
  const { pictures } = useGallery.getState();
  const cells: Cell[] = Array.from({ length: request.count }, (_, index) => {
    const pictureId = pictureIdOf(jobId, index);
    const isHere = index < finished && pictures.some((picture) => picture.id === pictureId);
    return { seed: seedsOf(request, index).seed, preview: null, pictureId: isHere ? pictureId : null };
  });
  const phase: Phase = { kind: 'starting' };
  return { id, request, phase, cells, notices: [], isCancelling: false, outcome: null, failure: null };
}

function applyEvent(id: number, event: Exclude<GenerateEvent, { kind: 'picture' }>): void {
  const { run } = useRun.getState();
  if (run === null || run.id !== id) {
    if (event.kind === 'preview') event.bitmap.close();
    return;
  }
  if (event.kind === 'notice') {
    useRun.setState({ run: { ...run, notices: [...run.notices, event.notice] } });
  } else if (event.kind === 'preview') {
    const old = run.cells[event.index]?.preview;
    changeCell(id, event.index, { preview: event.bitmap });
    old?.close();
  } else if (event.kind !== 'held' && event.kind !== 'trace') {
    useRun.setState({ run: { ...run, phase: event } });
  }
}

function changeCell(id: number, index: number, change: Partial<Cell>): void {
  useRun.setState(({ run }) => {
    if (run === null || run.id !== id) return {};
    const cells = run.cells.map((cell, k) => (k === index ? { ...cell, ...change } : cell));
    return { run: { ...run, cells } };
  });
}

function isCancelling(): boolean {
  return useRun.getState().run?.isCancelling === true;
}

function finish(id: number, outcome: Outcome, failure: Failure | null): void {
  const { run } = useRun.getState();
  if (run === null || run.id !== id) return;
  useRun.setState({ run: { ...run, outcome, failure } });
  // A run of one picture ends on that picture; a sheet stays a sheet. Someone who looked away is left alone,
  // and someone who watches a queue goes on watching.
  const isWatching = useGallery.getState().view?.kind === 'run';
  const { jobs, isPaused } = useQueue.getState();
  const isLast = isPaused || jobs.every(({ state }) => state === 'failed');
  const only = run.cells.length === 1 ? run.cells[0]?.pictureId : null;
  if (isWatching && isLast && only && failure === null) void openPicture(only);
}

function closePreviews(): void {
  for (const cell of useRun.getState().run?.cells ?? []) cell.preview?.close();
}
