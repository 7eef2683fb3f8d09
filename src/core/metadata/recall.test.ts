import { describe, expect, it } from 'vitest';
import { recall, type RecallTables } from './recall.ts';

const tables: RecallTables = {
  samplers: [
    { id: 'euler', label: 'Euler' },
    { id: 'euler-a', label: 'Euler a' },
    { id: 'dpmpp-2m', label: 'DPM++ 2M' },
  ],
  schedules: [
    { id: 'normal', label: 'Normal' },
    { id: 'karras', label: 'Karras' },
    { id: 'sgm-uniform', label: 'SGM Uniform' },
  ],
};
const recallText = (text: string) => recall([{ keyword: 'parameters', text }], tables);

describe('recall', () => {
  it("reads another tool's picture, and says what it could not take", () => {
    const text =
      'a fox\nNegative prompt: blurry\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, ' +
      'Seed: 965400086, Size: 512x768, Model hash: 45dee52b, Model: v1-5, Clip skip: 2, Hires upscale: 2, Version: v1.9';
    expect(recallText(text)).toEqual({
      source: 'infotext',
      tool: 'a1111',
      version: 'v1.9',
      loras: [],
      words: [],
      text,
      request: {
        prompt: 'a fox',
        negativePrompt: 'blurry',
        steps: 20,
        sampler: 'dpmpp-2m',
        schedule: 'karras',
        guidanceScale: 7,
        seed: 965400086,
        widthPx: 512,
        heightPx: 768,
      },
      model: { name: 'v1-5', hash: '45dee52b' },
      notApplied: [
        { key: 'Clip skip', value: '2' },
        { key: 'Hires upscale', value: '2' },
        { key: 'RNG', value: 'GPU' },
      ],
    });
  });

  it('keeps the tags of adapters in the prompt, and notes which files they meant', () => {
    const hashes = 'Lora hashes: "ink: 0123456789ab, wash: ba9876543210"';
    const recalled = recallText(
      `a fox <lora:ink:0.5:0.8> <lora:wash:9>\nSteps: 1, Seed: 1, RNG: CPU, ${hashes}`,
    );
    expect(recalled?.request).toMatchObject({
      prompt: 'a fox <lora:ink:0.5:0.8> <lora:wash:9>',
      adapters: [
        {
          name: 'ink',
          loraHash: '0123456789ab',
          sha256: null,
          textWeight: 0.5,
          denoiserWeight: 0.8,
          inPrompt: true,
        },
        { name: 'wash', loraHash: 'ba9876543210', textWeight: 4, denoiserWeight: 4, inPrompt: true },
      ],
    });
    expect(recalled?.notApplied).toEqual([]);
  });

  it('notes which files the words of a prompt meant, each once, and takes them by the prompt alone', () => {
    const recalled = recallText(
      'a fox, EasyNegative\nSteps: 1, Seed: 1, RNG: CPU, TI hashes: "negXL_D: fff5d51ab655, negXL_D: fff5d51ab655, EasyNegative: C74B4E810B03"',
    );
    expect(recalled?.words).toEqual([
      { name: 'negXL_D', written: 'negXL_D', hash: 'fff5d51ab655' },
      { name: 'EasyNegative', written: 'EasyNegative', hash: 'c74b4e810b03' },
    ]);
    expect(recalled?.request).toMatchObject({
      prompt: 'a fox, EasyNegative',
      words: [
        { word: 'negXL_D', fileHash: 'fff5d51ab655' },
        { word: 'EasyNegative', fileHash: 'c74b4e810b03' },
      ],
    });
    expect(recalled?.notApplied).toEqual([]);
  });

  it.each(['fox', 'fox: nonsense', ': 0123456789ab'])('says that it knows no word by "%s"', (value) => {
    const recalled = recallText(`a fox\nSteps: 1, Seed: 1, RNG: CPU, TI hashes: "${value}"`);
    expect(recalled?.words).toEqual([]);
    expect(recalled?.request.words).toBeUndefined();
    expect(recalled?.notApplied).toEqual([{ key: 'TI hashes', value }]);
  });

  it.each(['ink: 0123456789ab', 'fox: nonsense', 'fox'])('says that it knows no adapter by "%s"', (value) => {
    const recalled = recallText(`a <lora:fox:1>\nSteps: 1, Seed: 1, RNG: CPU, Lora hashes: "${value}"`);
    expect(recalled?.request.adapters).toBeUndefined();
    expect(recalled?.notApplied).toEqual([{ key: 'Lora hashes', value }]);
  });

  it.each([
    ['Euler a', 'euler-a', undefined],
    ['euler_a', 'euler-a', undefined],
    ['DPM++ 2M Karras', 'dpmpp-2m', 'karras'],
    ['euler_a karras', 'euler-a', 'karras'],
    ['Euler SGM Uniform', 'euler', 'sgm-uniform'],
    ['Karras', undefined, undefined],
    ['DDIM', undefined, undefined],
  ])('finds the sampler %s', (label, sampler, schedule) => {
    const recalled = recallText(`Steps: 1, Seed: 1, Clip skip: 1, Sampler: ${label}, RNG: CPU`);
    expect(recalled?.request.sampler).toBe(sampler);
    expect(recalled?.request.schedule).toBe(schedule);
    expect(recalled?.notApplied).toEqual(sampler === undefined ? [{ key: 'Sampler', value: label }] : []);
  });

  it.each([
    ['Steps', '1e9'],
    ['Steps', '0'],
    ['Steps', '20000'],
    ['Seed', '-1'],
    ['Seed', '4294967296'],
    ['Size', '99999x1'],
    ['Size', '512'],
    ['CFG scale', 'NaN'],
    ['CFG scale', '-2'],
    ['Guidance rescale', '1.5'],
    ['Schedule type', '<img src=x onerror=alert(1)>'],
  ])('does not take %s: %s', (key, value) => {
    const recalled = recallText(`fox\n${key}: ${value}, RNG: CPU, Clip skip: 1, Version: x`);
    expect(recalled).toMatchObject({
      request: { prompt: 'fox', negativePrompt: '' },
      notApplied: [{ key, value }],
    });
    expect(Object.keys(recalled!.request)).toEqual(['prompt', 'negativePrompt']);
  });

  it('leaves an automatic schedule to the model', () => {
    const recalled = recallText('fox\nSteps: 4, Schedule type: Automatic, Seed: 1, RNG: CPU');
    expect(recalled?.notApplied).toEqual([]);
    expect(recalled?.request).not.toHaveProperty('schedule');
  });

  it('reads a prompt that came alone', () => {
    expect(recallText('just a fox')).toMatchObject({ request: { prompt: 'just a fox' }, notApplied: [] });
  });

  it("falls back to the field's text when our own is broken, and says so", () => {
    const entries = [
      { keyword: 'kiln', text: '{' },
      { keyword: 'parameters', text: 'fox\nSteps: 4, Seed: 7, RNG: CPU' },
    ];
    expect(recall(entries, tables)).toMatchObject({
      source: 'infotext',
      request: { prompt: 'fox', steps: 4, seed: 7 },
      notApplied: [{ key: 'kiln', value: 'not JSON' }],
    });
  });

  it('finds nothing in other texts', () => {
    expect(recall([], tables)).toBeNull();
    expect(recall([{ keyword: 'prompt', text: '{"3":{"class_type":"KSampler"}}' }], tables)).toBeNull();
    expect(recallText('x'.repeat(100_000))).toBeNull();
  });
});
