import { describe, expect, it } from 'vitest';
import { checkInputs } from './check-inputs.ts';
import { manifestWith } from './example-manifest.test-data.ts';
import type { GenerateRequest, InitUse } from './request.ts';

const request: GenerateRequest = {
  modelId: 'example',
  prompt: 'a fox',
  negativePrompt: '',
  seed: 1,
  steps: 4,
  sampler: 'euler',
  schedule: 'normal',
  guidanceScale: 7,
  guidanceRescale: 0,
  widthPx: 512,
  heightPx: 512,
  count: 1,
};
const encoder = { part: 'net', input: 'image', output: 'z' };
const flow = { path: 'flow', prediction: 'v_prediction', trainTimesteps: 1000 };
const reading = manifestWith({ encoder });
const check = (changes: Partial<GenerateRequest>, manifest = reading) =>
  checkInputs({ ...request, ...changes }, manifest);
const init: InitUse = { sha256: 'a'.repeat(64), strength: 0.5, fit: 'crop' };
const mask = { sha256: 'b'.repeat(64), content: 'original', blurPx: 4, onlyMasked: null } as const;
const extend = { leftPx: 64, topPx: 0, rightPx: 0, bottomPx: 0 };
const hires = { scale: 2, steps: 4, strength: 0.5 };

describe('checkInputs', () => {
  it('lets pass what a model with an encoder can do, and words alone on any', () => {
    for (const changes of [
      { init },
      { init: { ...init, mask } },
      { init: { ...init, mask, extend } },
      { hires },
    ])
      expect(check(changes)).toBeNull();
    expect(check({ variation: { seed: 3, strength: 0 } }, manifestWith({}))).toBeNull();
    expect(check({}, manifestWith({}))).toBeNull();
  });

  it.each([{ init }, { hires }])('wants an encoder for %o', (changes) => {
    expect(check(changes, manifestWith({}))).toEqual({ code: 'encoder-missing', model: 'Example' });
  });

  it.each([0, -0.1, 1.1, Number.NaN])('refuses a strength of %d', (strength) => {
    expect(check({ init: { ...init, strength } })).toEqual({ code: 'strength-invalid', strength });
    expect(check({ hires: { ...hires, strength } })).toEqual({ code: 'strength-invalid', strength });
  });

  it('refuses a strength that rounds down to no step, which on the flow path none does', () => {
    const weak = { init: { ...init, strength: 0.24 } };
    expect(check(weak)).toEqual({ code: 'strength-too-low', strength: 0.24, steps: 4, least: 0.25 });
    expect(check(weak, manifestWith({ encoder, noise: flow }))).toBeNull();
    expect(check({ init: { ...init, strength: 0.25 } })).toBeNull();
  });

  it('refuses a mask without a file where the frame does not grow, and a frame that grows without a mask', () => {
    expect(check({ init: { ...init, mask: { ...mask, sha256: null } } })).toEqual({ code: 'mask-empty' });
    expect(check({ init: { ...init, mask: { ...mask, sha256: null }, extend } })).toBeNull();
    expect(check({ init: { ...init, extend } })).toMatchObject({ code: 'unexpected' });
  });

  it('refuses a second pass beside a source, beyond every canvas, or of steps the model has not', () => {
    expect(check({ init, hires })).toEqual({ code: 'hires-with-source' });
    expect(check({ widthPx: 2048, hires: { ...hires, scale: 4 } })).toMatchObject({
      code: 'picture-too-large',
      widthPx: 8192,
    });
    expect(check({ hires: { ...hires, steps: 51 } })).toMatchObject({ code: 'steps-unsupported' });
  });
});
