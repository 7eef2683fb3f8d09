import { expect, test } from 'vitest';
import type { Failure, Notice } from '#core/failure.ts';
import { failureReport, failureText, noticeText, oneLine } from './failure-text.ts';

const FAILURES: Failure[] = [
  {
    code: 'size-off-grid',
    widthPx: 130,
    heightPx: 128,
    multiplePx: 16,
    nearest: { widthPx: 128, heightPx: 128 },
  },
  { code: 'steps-unsupported', steps: 9, min: 1, max: 1 },
  { code: 'webgpu-unavailable', reason: 'This browser has no WebGPU.' },
  { code: 'out-of-memory', device: 'webgpu', neededBytes: 2_100_000_000, heldBytes: 900_000_000, detail: '' },
  { code: 'result-invalid', kind: 'nan', stage: 'denoise', step: 3 },
  { code: 'engine-hung', afterMs: 15_000 },
];
const NOTICES: Notice[] = [
  { code: 'prompt-windows-cut', where: 'negative', windows: 1, cutTokens: 12, cutText: 'and more' },
  { code: 'tags-ignored', where: 'prompt', count: 2 },
];

test('every sentence ends once and holds no hole', () => {
  for (const text of [...FAILURES.map(failureText), ...NOTICES.map(noticeText)]) {
    expect(text.title).not.toMatch(/[.]$/);
    for (const sentence of [text.happened, text.next]) expect(sentence).toMatch(/[^.][.]$/);
    expect(oneLine(text)).not.toMatch(/undefined|null|NaN|\.\./);
  }
});

test('says numbers as people read them', () => {
  expect(failureText(FAILURES[0]!).next).toContain('128 × 128');
  expect(failureText(FAILURES[1]!).next).toBe('Set the steps to 1.');
  expect(failureText(FAILURES[3]!).happened).toContain('2.1 GB');
});

test('a report holds the failure whole', () => {
  const failure = FAILURES[4]!;
  const report = failureReport(failure, { browser: 'test' });
  expect(JSON.parse(report.slice(report.indexOf('{')))).toEqual({ failure, browser: 'test' });
});
