/** The library's facts in words: whether a model fits, how long it takes, where it came from. */
import type { Fit, Obstacle } from '#core/passport/fit.ts';
import type { PassportError } from '#core/passport/record.ts';
import type { InstallProgress, InstallSource } from '#engine/library-api.ts';
import type { Assessment } from '#state/passport.ts';
import { failureText } from '#ui/failure-text.ts';
import { formatBytes, formatDuration, formatTimeLeft } from '#ui/format.ts';

export type Tone = 'good' | 'warn' | 'bad';

export interface Verdict {
  tone: Tone;
  /** A word or two. */
  short: string;
  /** One sentence. */
  long: string;
}

export function verdictOf(fit: Fit): Verdict {
  switch (fit.fit) {
    case 'fits':
      return { tone: 'good', short: 'Fits this device', long: 'This device can run it.' };
    case 'tight':
      return {
        tone: 'warn',
        short: 'May not fit',
        long: `It needs about ${formatBytes(fit.neededBytes)} of memory, and the browser tells of ${formatBytes(fit.memoryBytes)}. Close other tabs before you use it.`,
      };
    case 'refused':
      return { tone: 'bad', short: 'Does not fit', long: obstacleText(fit.obstacle) };
  }
}

function obstacleText(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case 'half-precision':
      return 'It computes in half precision only, which needs a GPU with shader-f16. This device has none in use.';
    case 'weight-too-large':
      return `One weight of its ${obstacle.part} has ${formatBytes(obstacle.weightBytes)}, and this GPU takes at most ${formatBytes(obstacle.limitBytes)} at once.`;
    case 'address-space':
      return `It needs about ${formatBytes(obstacle.neededBytes)} of memory, and the CPU path can hold ${formatBytes(obstacle.limitBytes)}.`;
    case 'memory':
      return `It needs about ${formatBytes(obstacle.neededBytes)} of memory, and this device has ${formatBytes(obstacle.memoryBytes)}.`;
  }
}

/** `about 3.2 s a picture`, or why there is no number. */
export function timeText({ seconds, isMeasured }: Assessment): string {
  if (seconds !== null) return `${secondsText(seconds)} a picture`;
  return isMeasured ? 'time not known before its graphs are read' : 'time not measured yet';
}

/** No more digits than a prediction is worth. */
export function secondsText(seconds: number): string {
  return seconds < 0.1 ? 'under 0.1 s' : `about ${formatDuration(seconds * 1000)}`;
}

/** What predictions were worth so far; null before there was any. */
export function errorText({ pictures, time, memory }: PassportError): string | null {
  if (pictures === 0) return null;
  const of = `${pictures === 1 ? 'one run' : `${pictures} runs`}`;
  const said = [
    time === null ? null : `took ${times(time)} the time predicted`,
    memory === null ? null : `held ${times(memory)} the memory predicted`,
  ].filter((fact) => fact !== null);
  return said.length === 0
    ? `Nothing was predicted for ${of} yet.`
    : `Over ${of} it ${said.join(' and ')} (medians).`;
}

function times(ratio: number): string {
  return `${ratio < 10 ? ratio.toFixed(2) : Math.round(ratio)} ×`;
}

export function sourceText(source: InstallSource): string {
  switch (source.kind) {
    case 'hub':
      return `${new URL(source.host).host}/${source.repository}`;
    case 'origin':
      return 'This studio’s own host';
    case 'files':
      return `Files: ${source.label}`;
  }
}

/** A licence's identifier as people say it. */
export function licenceName(spdx: string): string {
  return spdx.replace(/^LicenseRef-/, '').replace(/-/g, ' ');
}

/** A commit or a content hash, as short as people write it. */
export function shortRevision(revision: string): string {
  return /^[0-9a-f]{8,}$/.test(revision) ? revision.slice(0, 7) : revision;
}

/** One line under the bar of a download. */
export function installText(progress: InstallProgress): string {
  const size = `${formatBytes(progress.doneBytes)} of ${formatBytes(progress.totalBytes)}`;
  const speed = progress.bytesPerSecond === null ? null : `${formatBytes(progress.bytesPerSecond)}/s`;
  const left = progress.secondsLeft === null ? null : formatTimeLeft(progress.secondsLeft);
  switch (progress.state) {
    case 'queued':
      return facts('Waiting for its turn', formatBytes(progress.totalBytes));
    case 'downloading':
      return progress.refetching === null
        ? facts(size, speed, left)
        : facts(`${progress.refetching} arrived damaged and is fetched again`, size, speed);
    case 'paused':
      return facts('Paused', size, 'what has arrived is kept');
    case 'verifying':
      return facts('Checking every byte', size);
    case 'waiting-to-retry': {
      const when =
        progress.retryInSeconds === null
          ? 'Waiting for the network'
          : `Trying again in ${Math.ceil(progress.retryInSeconds)} s`;
      return facts(when, size);
    }
    case 'failed':
      return facts('Stopped', size);
    case 'done':
      return 'Installed';
    case 'cancelled':
      return 'Cancelled';
  }
}

/** Why a download waits or stopped; null while all is well. */
export function installTrouble(progress: InstallProgress): { title: string; text: string } | null {
  if (progress.state !== 'waiting-to-retry' && progress.state !== 'failed') return null;
  const failure = progress.state === 'failed' ? progress.failure : progress.because;
  const { title, happened, next } = failureText(failure);
  return { title, text: progress.state === 'failed' ? `${happened} ${next}` : happened };
}

function facts(...all: (string | null)[]): string {
  return all.filter((one) => one !== null).join(' · ');
}
