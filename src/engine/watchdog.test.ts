import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Watchdog } from './watchdog.ts';

const never = () => new Promise<void>(() => {});
const atOnce = () => Promise.resolve();
const text = { kind: 'text' } as const;
const step = { kind: 'step', index: 0, step: 1, steps: 4, secondsLeft: null } as const;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A watchdog over a model that is open and about to run. */
function watch(ping: () => Promise<void>, onHung: (afterMs: number) => void): Watchdog {
  const watchdog = new Watchdog(ping, onHung);
  watchdog.sign(text);
  return watchdog;
}

it('calls a silent worker hung within fifteen seconds, once', async () => {
  const hung = vi.fn();
  watch(never, hung);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(hung).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(4_000);
  expect(hung).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(hung).toHaveBeenCalledOnce();
});

it('gives opening a model longer than a run', async () => {
  const hung = vi.fn();
  const watchdog = new Watchdog(never, hung);
  watchdog.sign({ kind: 'preparing', part: 'unet' });
  await vi.advanceTimersByTimeAsync(50_000);
  expect(hung).not.toHaveBeenCalled();
  watchdog.sign(text);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(hung).toHaveBeenCalledOnce();
});

it('gives a worker that answers minutes for one step, but not for ever', async () => {
  const hung = vi.fn();
  watch(atOnce, hung);
  await vi.advanceTimersByTimeAsync(170_000);
  expect(hung).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(hung).toHaveBeenCalledOnce();
});

it('allows as much silence as the slowest run so far makes plausible', async () => {
  const hung = vi.fn();
  const watchdog = watch(never, hung);
  await vi.advanceTimersByTimeAsync(10_000);
  watchdog.sign(step);
  await vi.advanceTimersByTimeAsync(50_000);
  expect(hung).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(hung).toHaveBeenCalledOnce();
});

it('allows a large model a longer first run than a small one', async () => {
  const small = vi.fn();
  const large = vi.fn();
  for (const [onHung, megabytes] of [
    [small, 1],
    [large, 100],
  ] as const) {
    const watchdog = new Watchdog(never, onHung);
    watchdog.sign({ kind: 'loading', file: 'x', loadedBytes: 1, totalBytes: megabytes * 2 ** 20 });
    watchdog.sign(text);
  }
  await vi.advanceTimersByTimeAsync(20_000);
  expect(small).toHaveBeenCalledOnce();
  expect(large).not.toHaveBeenCalled();
});

it('knows the next job’s model by the last one’s: it is open, and as large as it was', async () => {
  const pace = { modelBytes: 0 };
  const first = new Watchdog(never, () => {}, pace);
  first.sign({ kind: 'loading', file: 'x', loadedBytes: 1, totalBytes: 20 * 2 ** 20 });
  first.stop();
  const hung = vi.fn();
  const next = new Watchdog(never, hung, pace);
  next.sign(text);
  await vi.advanceTimersByTimeAsync(25_000);
  expect(hung).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(hung).toHaveBeenCalledOnce();
});

it('says nothing after it was stopped', async () => {
  const hung = vi.fn();
  watch(never, hung).stop();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(hung).not.toHaveBeenCalled();
});
