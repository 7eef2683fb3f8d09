import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRequest } from './check-request.ts';
import { manifestWith, samplers, schedules } from './example-manifest.test-data.ts';
import type { GenerateRequest } from './request.ts';

const good: GenerateRequest = {
  modelId: 'example',
  prompt: 'a fox',
  negativePrompt: '',
  seed: 1,
  steps: 20,
  sampler: 'euler',
  schedule: 'normal',
  guidanceScale: 7,
  guidanceRescale: 0,
  widthPx: 512,
  heightPx: 512,
  count: 1,
};
const all = { samplers, schedules };
const plain = manifestWith({});
const check = (changes: Partial<GenerateRequest>, manifest = plain) =>
  checkRequest({ ...good, ...changes }, manifest, all);

describe('checkRequest', () => {
  it('lets a request pass, up to every limit', () => {
    expect(check({})).toBeNull();
    expect(check({ seed: 0, steps: 1, guidanceScale: 0, count: 1, widthPx: 256, heightPx: 960 })).toBeNull();
    expect(
      check({ seed: 4_294_967_295, steps: 50, guidanceScale: 20, guidanceRescale: 1, count: 16 }),
    ).toBeNull();
  });

  it.each(['', ' \n\t', '\u00a0\u3000'])('refuses the empty prompt %j', (prompt) => {
    expect(check({ prompt })).toEqual({ code: 'prompt-empty' });
  });

  it.each([-1, 0.5, 4_294_967_296, Number.NaN, Number.POSITIVE_INFINITY])('refuses seed %d', (seed) => {
    expect(check({ seed })).toEqual({ code: 'seed-invalid', seed });
  });

  it.each([0, 51, 1.5, 1e9, Number.NaN])('refuses %d steps', (steps) => {
    expect(check({ steps })).toEqual({ code: 'steps-unsupported', steps, min: 1, max: 50 });
  });

  it.each([-0.1, 20.1, Number.NaN, Number.POSITIVE_INFINITY])('refuses guidance %d', (guidanceScale) => {
    expect(check({ guidanceScale })).toEqual({ code: 'guidance-invalid', guidanceScale, max: 20 });
  });

  it.each([0, 17, 1.5])('refuses %d pictures', (count) => {
    expect(check({ count })).toEqual({ code: 'count-invalid', count, max: 16 });
  });

  it('calls a rescale out of range a bug', () => {
    expect(check({ guidanceRescale: 1.1 })).toMatchObject({ code: 'unexpected' });
    expect(check({ guidanceRescale: Number.NaN })).toMatchObject({ code: 'unexpected' });
  });

  it('knows only samplers that fit the noise path and the list', () => {
    expect(check({ sampler: 'nope' })).toEqual({
      code: 'sampler-unknown',
      sampler: 'nope',
      known: ['euler', 'heun'],
    });
    expect(check({ sampler: 'flow-euler' })).toMatchObject({ code: 'sampler-unknown' });
    const listed = manifestWith({ samplers: { default: 'heun', only: ['heun', 'flow-euler'] } });
    expect(check({ sampler: 'euler' }, listed)).toEqual({
      code: 'sampler-unknown',
      sampler: 'euler',
      known: ['heun'],
    });
    expect(check({ sampler: 'heun' }, listed)).toBeNull();
  });

  it('knows only schedules that fit the noise path and the list', () => {
    expect(check({ schedule: 'karras' })).toEqual({
      code: 'schedule-unknown',
      schedule: 'karras',
      known: ['normal', 'leading'],
    });
    const listed = manifestWith({ schedules: { default: 'normal', only: ['normal'] } });
    expect(check({ schedule: 'leading' }, listed)).toMatchObject({
      code: 'schedule-unknown',
      known: ['normal'],
    });
  });

  it.each([
    [500, 512, 512, 512],
    [513, 700, 512, 704],
    [201, 1000, 256, 960],
    [500.5, 512, 512, 512],
  ])('names the nearest size on the grid to %d×%d', (widthPx, heightPx, nearWidth, nearHeight) => {
    expect(check({ widthPx, heightPx })).toEqual({
      code: 'size-off-grid',
      widthPx,
      heightPx,
      multiplePx: 64,
      nearest: { widthPx: nearWidth, heightPx: nearHeight },
    });
  });

  it.each([
    [128, 512],
    [512, 1024],
    [99_999, 1],
    [Number.NaN, 512],
    [-512, 512],
  ])('refuses %d×%d outright', (widthPx, heightPx) => {
    expect(check({ widthPx, heightPx })).toEqual({
      code: 'size-unsupported',
      widthPx,
      heightPx,
      supported: '200 to 1000 pixels a side, in steps of 64',
    });
  });

  it('holds to a list of sizes', () => {
    const only = [
      { widthPx: 256, heightPx: 256 },
      { widthPx: 256, heightPx: 384 },
    ];
    const listed = manifestWith({
      sizes: { default: only[0], multiplePx: 64, minPx: 256, maxPx: 512, only },
    });
    expect(check({ widthPx: 256, heightPx: 384 }, listed)).toBeNull();
    expect(check({ widthPx: 384, heightPx: 256 }, listed)).toEqual({
      code: 'size-unsupported',
      widthPx: 384,
      heightPx: 256,
      supported: '256×256, 256×384',
    });
  });

  it('holds idle and embedded guidance to a limit too', () => {
    const distilled = manifestWith({ guidance: { kind: 'distilled' } });
    expect(check({ guidanceScale: 7.5 }, distilled)).toBeNull();
    expect(check({ guidanceScale: Number.NaN }, distilled)).toMatchObject({ code: 'guidance-invalid' });
    const embedded = manifestWith({ guidance: { kind: 'embedded', form: 'scalar', default: 3, max: 5 } });
    expect(check({ guidanceScale: 6 }, embedded)).toMatchObject({ code: 'guidance-invalid', max: 5 });
  });

  it('names a nearest size that is accepted', () => {
    const side = fc.integer({ min: 200, max: 1000 });
    fc.assert(
      fc.property(side, side, (widthPx, heightPx) => {
        const failure = check({ widthPx, heightPx });
        if (failure === null) return;
        expect(failure.code).toBe('size-off-grid');
        if (failure.code === 'size-off-grid') expect(check(failure.nearest)).toBeNull();
      }),
    );
  });
});
