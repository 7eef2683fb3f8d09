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
  {
    code: 'storage-full',
    neededBytes: 1_200_000_000,
    couldGo: [{ name: 'SD-Turbo', sizeBytes: 2_500_000_000 }],
  },
  { code: 'storage-full', neededBytes: 1_200_000_000, couldGo: [] },
  { code: 'download-denied', file: 'unet/model.onnx', host: 'huggingface.co', status: 401, page: null },
  { code: 'download-cut', file: 'unet/model.onnx', host: 'huggingface.co', detail: 'network error' },
  {
    code: 'download-short',
    file: 'unet/model.onnx',
    host: 'huggingface.co',
    expectedBytes: 2_000_000,
    actualBytes: 3,
  },
  { code: 'archive-invalid', reason: 'an entry is compressed' },
  {
    code: 'adapter-mismatch',
    adapter: 'ink',
    adapterFamily: 'SDXL',
    model: 'My model',
    modelFamily: 'SD 1.5',
    detail: 'its text is wider',
  },
  {
    code: 'adapter-mismatch',
    adapter: 'ink',
    adapterFamily: null,
    model: 'My model',
    modelFamily: 'mine',
    detail: 'its text is wider',
  },
  { code: 'adapter-not-kept', adapter: 'ink', sizeBytes: 8_000_000, reason: 'quota' },
  { code: 'kit-mismatch', kit: 'Flat', kitFamily: 'mine', model: 'My model' },
  { code: 'kit-incomplete', kit: 'Acme', adapters: ['ink', 'paper'] },
  { code: 'kit-incomplete', kit: 'Acme', adapters: ['ink', 'paper', 'salt', 'gold'] },
  { code: 'kit-not-kept', kit: 'Acme', reason: 'quota' },
];
const NOTICES: Notice[] = [
  { code: 'prompt-windows-cut', where: 'negative', windows: 1, cutTokens: 12, cutText: 'and more' },
  { code: 'tags-ignored', where: 'prompt', count: 2 },
  { code: 'adapter-unknown', name: 'ink' },
  { code: 'adapter-partly-used', adapter: 'ink', unused: 2, layers: 72 },
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

test('names both families when an adapter is for another model', () => {
  const mismatch = FAILURES.find(({ code }) => code === 'adapter-mismatch')!;
  expect(failureText(mismatch).happened).toBe('ink is for SDXL; the loaded model is SD 1.5.');
});

test('a report holds the failure whole', () => {
  const failure = FAILURES[4]!;
  const report = failureReport(failure, { browser: 'test' });
  expect(JSON.parse(report.slice(report.indexOf('{')))).toEqual({ failure, browser: 'test' });
});
