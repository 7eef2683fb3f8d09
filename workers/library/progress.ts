/** How far an install is, as every tab is told it. */
import type { Doing } from '#core/download/machine.ts';
import type { Failure } from '#core/failure.ts';
import type { InstallProgress } from '#engine/library-api.ts';
import { partialBytes } from '#storage/library/file-writer.ts';
import { type InstallPlan, type JournalEntry, keyName, type PartialFile } from '#storage/library/records.ts';

/** Of an install that nothing moves. */
export const STILL = { bytesPerSecond: null, secondsLeft: null, elsewhere: false, refetching: null };

export function progressBase({ id, revision, name }: Pick<InstallPlan, 'id' | 'revision' | 'name'>) {
  return { id, revision, name };
}

/** Of one that nobody works on: what its journal and its pieces say. */
export function atRest(entry: JournalEntry, partials: PartialFile[]): InstallProgress {
  const own = partials.filter((one) => keyName(one) === keyName(entry));
  const base = {
    ...progressBase(entry.plan),
    ...STILL,
    doneBytes: own.reduce((sum, one) => sum + partialBytes(one), 0),
    totalBytes: entry.plan.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    file: null,
  };
  if (entry.failure !== null) return { ...base, state: 'failed', failure: entry.failure };
  return { ...base, state: entry.wants === 'run' ? 'queued' : 'paused' };
}

export function shown(
  doing: Doing,
  leftMs?: number | null,
):
  | { state: 'downloading' | 'verifying' | 'paused' | 'done' | 'cancelled' }
  | { state: 'failed'; failure: Failure }
  | { state: 'waiting-to-retry'; retryInSeconds: number | null; because: Failure } {
  switch (doing.kind) {
    case 'rest':
      return doing.as === 'failed' ? { state: 'failed', failure: doing.failure } : { state: doing.as };
    case 'wait': {
      const ms = leftMs ?? doing.ms;
      const retryInSeconds = doing.ms === null || ms === null ? null : Math.ceil(ms / 1_000);
      return { state: 'waiting-to-retry', retryInSeconds, because: doing.because };
    }
    case 'commit':
    case 'finish':
      return { state: 'verifying' };
    default:
      return { state: 'downloading' };
  }
}
