/** Runs a request: notes it in the journal, and saves each picture before it is shown. */
import type { Failure } from '#core/failure.ts';
import { type GenerateRequest, seedsOf } from '#core/pipeline/request.ts';
import type { GenerateEvent, GenerateOutcome, Picture } from '#engine/api.ts';
import { keepPicture } from '#state/actions/keep-picture.ts';
import { recordPicture } from '#state/actions/measure-device.ts';
import { openPicture } from '#state/actions/open-picture.ts';
import { useGallery } from '#state/gallery.ts';
import { type Cell, type Phase, isRunning, useRun } from '#state/run.ts';
import { beginRun, endRun } from '#state/run-signal.ts';
import { services } from '#state/services.ts';
import type { NotedRun } from '#storage/journal.ts';

/** Resolves when the run has ended, however it ended. Does nothing while another runs. */
export async function runRequest(job: NotedRun): Promise<void> {
  if (isRunning(useRun.getState())) return;
  const { id, signal } = beginRun();
  closePreviews();
  useRun.setState({ formFailure: null, run: newRun(id, job.request) });
  useGallery.setState({ view: { kind: 'run' } });
  const note = await services().journal.begin(job);
  const saves: Promise<void>[] = [];
  const isSaved: boolean[] = [];
  let peakBytes: number | null = null;
  let last: Picture | null = null;
  const outcome = await runJob(job, signal, (event) => {
    if (event.kind === 'held') ({ peakBytes } = event);
    if (event.kind !== 'picture') {
      applyEvent(id, event);
      return;
    }
    last = event.picture;
    const save = async () => {
      isSaved[event.picture.index] = await settlePicture(id, event);
      await note.finished(leading(isSaved));
    };
    saves.push(save());
  });
  await Promise.all(saves);
  await note.end();
  endRun(id);
  finish(id, outcome);
  if (last !== null) void recordPicture(last, peakBytes);
}

/** How many are true before the first that is not. */
function leading(flags: boolean[]): number {
  const first = Array.from(flags).findIndex((flag) => flag !== true);
  return first === -1 ? flags.length : first;
}

async function runJob(
  job: NotedRun,
  signal: AbortSignal,
  onEvent: (event: GenerateEvent) => void,
): Promise<GenerateOutcome> {
  try {
    return await services().engine.generate(job, onEvent, signal);
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

function newRun(id: number, request: GenerateRequest) {
  const cells: Cell[] = Array.from({ length: request.count }, (_, index) => ({
    seed: seedsOf(request, index).seed,
    preview: null,
    pictureId: null,
  }));
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

/** @returns whether the picture survives this tab */
async function settlePicture(
  id: number,
  { picture }: Extract<GenerateEvent, { kind: 'picture' }>,
): Promise<boolean> {
  const kept = await keepPicture(picture);
  changeCell(id, picture.index, { pictureId: kept.id });
  return kept.isSaved;
}

function changeCell(id: number, index: number, change: Partial<Cell>): void {
  useRun.setState(({ run }) => {
    if (run === null || run.id !== id) return {};
    const cells = run.cells.map((cell, k) => (k === index ? { ...cell, ...change } : cell));
    return { run: { ...run, cells } };
  });
}

function finish(id: number, ended: GenerateOutcome): void {
  const { run } = useRun.getState();
  if (run === null || run.id !== id) return;
  const failure = ended.outcome === 'failed' ? ended.failure : null;
  useRun.setState({ run: { ...run, outcome: ended.outcome, failure } });
  // A run of one picture ends on that picture; a sheet stays a sheet. Someone who looked away is left alone.
  const isWatching = useGallery.getState().view?.kind === 'run';
  const only = run.cells.length === 1 ? run.cells[0]?.pictureId : null;
  if (isWatching && only && failure === null) void openPicture(only);
}

function closePreviews(): void {
  for (const cell of useRun.getState().run?.cells ?? []) cell.preview?.close();
}
