import { expect, test } from 'vitest';
import { whenAlone } from './alone.ts';
import { isForgotten } from './inputs.ts';
import { memoryLocks } from './queue.test-data.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

test('only what nobody names and nobody used for a season is forgotten', () => {
  const at = 1_000 * DAY_MS;
  const kept = new Set(['named']);
  expect(isForgotten('other', at - 91 * DAY_MS, kept, at)).toBe(true);
  expect(isForgotten('other', at - 89 * DAY_MS, kept, at)).toBe(false);
  expect(isForgotten('named', 0, kept, at)).toBe(false);
});

test('a sweep is done by a tab that is alone, and by none beside another', async () => {
  const locks = memoryLocks();
  const [first, second, third] = [locks.openTab(), locks.openTab(), locks.openTab()];
  const done: string[] = [];
  const sweep = (tab: string) => async () => void done.push(tab);
  expect(await whenAlone(first.locks, 'x', sweep('first'))).toBe(true);
  expect(await whenAlone(second.locks, 'x', sweep('second'))).toBe(false);
  first.die();
  expect(await whenAlone(third.locks, 'x', sweep('third'))).toBe(false);
  second.die();
  third.die();
  expect(await whenAlone(locks.ofTab(), 'x', sweep('last'))).toBe(true);
  expect(done).toEqual(['first', 'last']);
});

test('a tab that opens while another sweeps does not sweep too', async () => {
  const locks = memoryLocks();
  let end!: () => void;
  const promise = new Promise<void>((resolve) => (end = resolve));
  const sweeping = whenAlone(locks.ofTab(), 'x', () => promise);
  expect(await whenAlone(locks.ofTab(), 'x', async () => {})).toBe(false);
  end();
  expect(await sweeping).toBe(true);
});
