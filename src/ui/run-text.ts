/** A run's progress in words. */
import { type Phase, type Run, finishedCount, runFraction } from '#state/run.ts';
import { formatBytes, formatTimeLeft } from './format.ts';

/** `Step 3 of 4, about 2 s left`; names the picture too when there are several. */
export function phaseText(run: Run): string {
  if (run.isCancelling) return 'Stopping after this step';
  const { phase, request } = run;
  const of = 'index' in phase && request.count > 1 ? `${which(phase)} of ${request.count}, ` : '';
  switch (phase.kind) {
    case 'starting':
      return 'Starting';
    case 'loading':
      return `Loading the model, ${formatBytes(phase.loadedBytes)} of ${formatBytes(phase.totalBytes)}`;
    case 'preparing':
      return phase.adapterRank === undefined
        ? `Preparing the model (${phase.part})`
        : `Making room for adapters of rank ${phase.adapterRank} (${phase.part})`;
    case 'text':
      return 'Reading the prompt';
    case 'step': {
      const left = phase.secondsLeft === null ? '' : `, ${formatTimeLeft(phase.secondsLeft)}`;
      return sentenceCase(`${of}step ${phase.step} of ${phase.steps}${left}`);
    }
    case 'decode':
      return sentenceCase(`${of}developing`);
    case 'upscale':
      return sentenceCase(`${of}upscaling, tile ${phase.tile} of ${phase.tiles}`);
  }
}

function which(phase: Extract<Phase, { index: number }>): string {
  if (phase.kind !== 'step' || phase.together === undefined) return `Picture ${phase.index + 1}`;
  const { first, size } = phase.together;
  return `Pictures ${first + 1} to ${first + size}`;
}

/** What a screen reader is told at the start, at each quarter and at the end; null says nothing new. */
export function announcement(run: Run): string {
  const done = finishedCount(run);
  if (run.outcome === 'done') return done === 1 ? 'Picture finished.' : `${done} pictures finished.`;
  if (run.outcome === 'paused') return `Paused. ${done} of ${run.request.count} finished.`;
  if (run.outcome === 'cancelled') return `Cancelled. ${done === 0 ? 'No picture' : done} finished.`;
  // A failure speaks for itself, as an alert.
  if (run.outcome === 'failed') return '';
  if (run.phase.kind === 'loading') return 'Loading the model.';
  const quarters = Math.floor((runFraction(run) ?? 0) * 4);
  if (quarters === 0 || quarters === 4) {
    return run.request.count === 1 ? 'Making the picture.' : `Making ${run.request.count} pictures.`;
  }
  return `${quarters * 25} percent.`;
}

/** What happened to jobs whose tab died. */
export function interruptedText(jobs: readonly { finished: number; request: { count: number } }[]): string {
  const [only] = jobs;
  if (only === undefined) return '';
  const total = jobs.reduce((sum, { request }) => sum + request.count, 0);
  const finished = jobs.reduce((sum, job) => sum + job.finished, 0);
  if (jobs.length > 1) {
    return `The queue was interrupted: ${jobs.length} jobs with ${total - finished} pictures are left.`;
  }
  if (total === 1) return 'The last run was interrupted before its picture was finished.';
  return `The last run was interrupted after ${finished} of ${total} pictures.`;
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
