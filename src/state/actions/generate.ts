/**
 * The Generate verb: freezes the form into a request, runs it, and saves each picture before it is shown.
 */
import type { Failure } from '#core/failure.ts';
import { type GenerateRequest, pictureSeed } from '#core/pipeline/request.ts';
import type { GenerateEvent, GenerateOutcome } from '#engine/api.ts';
import { requestProblem } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';
import { freezeDraft } from '#state/fit-draft.ts';
import { useGallery } from '#state/gallery.ts';
import { findModel, useModels } from '#state/models.ts';
import { usePreferences } from '#state/preferences.ts';
import { randomSeed } from '#state/random-seed.ts';
import { type Cell, type Phase, isRunning, useRun } from '#state/run.ts';
import { services } from '#state/services.ts';
import { endRun, beginRun } from '#state/run-signal.ts';
import { keepPicture } from '#state/actions/keep-picture.ts';
import { openPicture } from '#state/actions/open-picture.ts';

/** Resolves when the run has ended, however it ended. Does nothing while another runs. */
export async function generate(): Promise<void> {
  if (isRunning(useRun.getState())) return;
  const { models } = useModels.getState();
  const manifest = findModel(models, useDraft.getState().modelId);
  if (manifest === null) return;
  if (!useDraft.getState().isSeedLocked) useDraft.setState({ seed: randomSeed() });
  const request = freezeDraft(useDraft.getState(), manifest);
  const problem = requestProblem(request, manifest);
  if (problem !== null) {
    useRun.setState({ formFailure: problem });
    return;
  }
  const { id, signal } = beginRun();
  closePreviews();
  useRun.setState({ formFailure: null, run: newRun(id, request) });
  useGallery.setState({ view: { kind: 'run' } });
  const saves: Promise<void>[] = [];
  const { device, preview } = usePreferences.getState();
  const outcome = await runJob({ request, device, preview }, signal, (event) => {
    if (event.kind === 'picture') saves.push(settlePicture(id, event));
    else applyEvent(id, event);
  });
  await Promise.all(saves);
  endRun(id);
  finish(id, outcome);
}

async function runJob(
  job: Parameters<ReturnType<typeof services>['engine']['generate']>[0],
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
    seed: pictureSeed(request.seed, index),
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
  } else if (event.kind !== 'trace') {
    useRun.setState({ run: { ...run, phase: event } });
  }
}

async function settlePicture(id: number, event: Extract<GenerateEvent, { kind: 'picture' }>): Promise<void> {
  const { picture } = event;
  const pictureId = await keepPicture(picture);
  changeCell(id, picture.index, { pictureId });
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
