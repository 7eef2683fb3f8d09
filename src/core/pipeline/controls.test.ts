import { describe, expect, it } from 'vitest';
import { manifestWith, schedules, samplers } from './example-manifest.test-data.ts';
import { controlsFor, negativePromptHint } from './controls.ts';

const controls = (changes: Parameters<typeof manifestWith>[0]) =>
  controlsFor(manifestWith(changes), { samplers, schedules });

describe('controlsFor', () => {
  it('offers everything to a plain diffusion model', () => {
    expect(controls({})).toEqual({
      negativePrompt: { enabled: true, default: '' },
      guidanceScale: { enabled: true, default: 7, min: 0, max: 20 },
      guidanceRescale: { enabled: true, default: 0, min: 0, max: 1 },
      sampler: {
        enabled: true,
        default: 'heun',
        options: [
          { id: 'euler', label: 'Euler' },
          { id: 'heun', label: 'Heun' },
        ],
      },
      schedule: {
        enabled: true,
        default: 'normal',
        options: [
          { id: 'normal', label: 'Normal' },
          { id: 'leading', label: 'Leading' },
        ],
      },
      steps: { enabled: true, default: 20, min: 1, max: 50 },
      size: {
        enabled: true,
        default: { widthPx: 512, heightPx: 512 },
        multiplePx: 64,
        minPx: 200,
        maxPx: 1000,
        only: null,
      },
      seed: { enabled: true, min: 0, max: 4_294_967_295 },
      count: { enabled: true, default: 1, min: 1, max: 16 },
      source: { enabled: false, value: 0.6, reason: expect.stringContaining('cannot start from one') },
      hires: { enabled: false, value: 1, reason: expect.stringContaining('cannot refine') },
    });
  });

  it('starts from pictures and refines them where the model can read pictures', () => {
    const { source, hires } = controls({ encoder: { part: 'net', input: 'image', output: 'z' } });
    expect(source).toEqual({ enabled: true, default: 0.6, min: 0.01, max: 1 });
    expect(hires).toEqual({ enabled: true, default: 2, min: 1, max: 4 });
  });

  it('turns guidance off where it is distilled, each with its reason', () => {
    const { negativePrompt, guidanceScale, guidanceRescale } = controls({ guidance: { kind: 'distilled' } });
    expect(negativePrompt).toMatchObject({ enabled: false, value: '', reason: /trained into this model/ });
    expect(guidanceScale).toMatchObject({ enabled: false, value: 1, reason: /trained into this model/ });
    expect(guidanceRescale).toMatchObject({ enabled: false, value: 0, reason: /trained into this model/ });
  });

  it('keeps the scale where it is an input, but not the negative prompt', () => {
    const { negativePrompt, guidanceScale, guidanceRescale } = controls({
      guidance: { kind: 'embedded', form: 'scalar', default: 3.5, max: 10 },
    });
    expect(negativePrompt).toMatchObject({ enabled: false, value: '' });
    expect(guidanceScale).toEqual({ enabled: true, default: 3.5, min: 0, max: 10 });
    expect(guidanceRescale).toMatchObject({ enabled: false, value: 0 });
  });

  it('shows a size, a sampler and steps that leave no choice', () => {
    const only = [{ widthPx: 256, heightPx: 256 }];
    const { size, sampler, schedule, steps } = controls({
      sizes: { default: only[0]!, multiplePx: 8, minPx: 256, maxPx: 256, only },
      samplers: { default: 'euler', only: ['euler'] },
      schedules: { default: 'karras', only: ['karras'] },
      steps: { default: 1, min: 1, max: 1 },
    });
    expect(size).toMatchObject({ enabled: false, value: only[0]!, reason: /256×256 pixels only/ });
    expect(sampler).toMatchObject({ enabled: false, value: 'euler', reason: /one sampler only, Euler/ });
    expect(schedule).toMatchObject({ enabled: false, value: 'karras', reason: /no schedule that fits/ });
    expect(steps).toMatchObject({ enabled: false, value: 1, reason: /in one step\./ });
  });

  it('lists sizes where the model has a list', () => {
    const only = [
      { widthPx: 256, heightPx: 256 },
      { widthPx: 256, heightPx: 384 },
    ];
    const { size } = controls({ sizes: { default: only[0]!, multiplePx: 8, minPx: 256, maxPx: 384, only } });
    expect(size).toMatchObject({ enabled: true, only });
  });

  it('leaves out samplers of the other noise path, and falls back from a default that is not there', () => {
    const { sampler } = controls({
      noise: { path: 'flow', prediction: 'v_prediction', trainTimesteps: 1000 },
      samplers: { default: 'euler' },
    });
    expect(sampler).toMatchObject({ default: 'heun', options: [{ id: 'heun' }, { id: 'flow-euler' }] });
  });
});

describe('negativePromptHint', () => {
  it('speaks only where the prompt is there and idle', () => {
    const plain = manifestWith({});
    expect(negativePromptHint(plain, 1)).toMatch(/no effect/);
    expect(negativePromptHint(plain, 7)).toBeNull();
    expect(negativePromptHint(plain, 0)).toBeNull();
    expect(negativePromptHint(manifestWith({ guidance: { kind: 'distilled' } }), 1)).toBeNull();
  });
});
