import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backOffMs, retryAfterMs } from './retry.ts';
import { Speed } from './speed.ts';

test('the wait doubles to a minute, and half of it is chance', () => {
  expect([1, 2, 3, 7, 40].map((attempt) => backOffMs(attempt, 1))).toEqual([
    1_000, 2_000, 4_000, 60_000, 60_000,
  ]);
  expect(backOffMs(1, 0)).toBe(500);
});

test('Retry-After as seconds, as a date, and as nonsense', () => {
  const now = 1_795_251_600_000;
  const dates = new Map([
    ['Sat, 21 Nov 2026 09:01:30 GMT', now + 90_000],
    ['Sat, 21 Nov 2026 08:00:00 GMT', now - 3_600_000],
  ]);
  const parse = (text: string) => dates.get(text) ?? Number.NaN;
  expect(retryAfterMs('120', now, parse)).toBe(120_000);
  expect(retryAfterMs('999999999', now, parse)).toBe(3_600_000);
  expect([...dates.keys()].map((text) => retryAfterMs(text, now, parse))).toEqual([90_000, 0]);
  for (const text of [null, '', 'soon', '-5', '1.5']) expect(retryAfterMs(text, now, parse)).toBeNull();
});

test('the speed is what it was, whatever the sizes of the pieces', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e8 }), fc.integer({ min: 50, max: 5_000 }), (rate, stepMs) => {
      const speed = new Speed();
      for (let at = 0; at <= 20_000; at += stepMs) speed.mark(at, (rate * at) / 1_000);
      expect(speed.bytesPerSecond).toBeCloseTo(rate, -Math.floor(Math.log10(rate)) + 4);
      expect(speed.secondsLeft(rate * 10)).toBeCloseTo(10, 3);
    }),
  );
});

test('a device that slept has no speed until it moves again', () => {
  const speed = new Speed();
  for (let at = 0; at <= 5_000; at += 500) speed.mark(at, at);
  expect(speed.bytesPerSecond).toBeCloseTo(1_000);
  speed.mark(3_600_000, 5_100);
  expect(speed.bytesPerSecond).toBeNull();
  expect(speed.secondsLeft(1_000)).toBeNull();
});
