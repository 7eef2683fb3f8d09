import { describe, expect, it } from 'vitest';
import { largestSource, parseUpscaler } from './upscaler.ts';

const file = { sizeBytes: 1, sha256: '0'.repeat(64) };
const manifest = {
  format: 1,
  kind: 'upscaler',
  id: 'upscaler',
  name: 'Two times',
  summary: 'Doubles.',
  licence: { spdx: 'MIT', plain: 'Free.' },
  scale: 2,
  multiplePx: 2,
  haloPx: 24,
  tilePx: 256,
  maxResultPx: 4096,
  part: 'net',
  input: 'sample',
  output: 'upscaled',
  parts: { net: { variants: [{ id: 'q8', compute: 'float32', graph: 'm.onnx', weights: ['m.data'] }] } },
  files: { 'm.onnx': file, 'm.data': file },
};

describe('an upscaler manifest', () => {
  it('is taken whole', () => {
    expect(parseUpscaler(manifest)).toEqual({ ok: true, manifest });
  });

  it.each([
    [{ kind: 'generator' }, 'kind'],
    [{ scale: 1 }, 'scale'],
    [{ haloPx: 23 }, 'haloPx'],
    [{ tilePx: 1 }, 'tilePx'],
    [{ part: 'other' }, 'part "other"'],
    [{ files: { 'm.onnx': file } }, 'file "m.data"'],
    [{ extra: 1 }, 'extra'],
  ])('is refused with a reason for %j', (change, reason) => {
    const parsed = parseUpscaler({ ...manifest, ...change });
    expect(parsed.ok ? '' : parsed.reason).toContain(reason);
  });

  it('bounds the source by the result', () => {
    const parsed = parseUpscaler(manifest);
    expect(parsed.ok && largestSource(parsed.manifest)).toBe(2048);
  });
});
