import { describe, expect, it } from 'vitest';
import type { PngText } from './png-text.ts';
import { readSettings } from './settings.ts';
import {
  a1111Sample,
  comfySample,
  fooocusSample,
  invokeSample,
  mulberry,
  type Sample,
  sdCppSample,
} from './tools.test-data.ts';

function expectRead({ entries, expected }: Sample): void {
  const { found, refused } = readSettings(entries);
  expect(refused).toEqual([]);
  expect(found).toMatchObject({
    tool: expected.tool,
    prompt: expected.prompt,
    negativePrompt: expected.negativePrompt,
  });
  expect(Object.fromEntries(found!.fields)).toMatchObject(expected.fields);
  expect(found!.loras).toMatchObject(expected.loras);
  expect(found!.loras).toHaveLength(expected.loras.length);
  expect(found!.words).toEqual(expected.words);
}

const read = (...entries: PngText[]) => readSettings(entries).found;

describe('500 texts of five tools', () => {
  it.each([
    ['AUTOMATIC1111 and Forge', a1111Sample, 1],
    ['Fooocus', fooocusSample, 2],
    ['InvokeAI', invokeSample, 3],
    ['ComfyUI', comfySample, 4],
    ['stable-diffusion.cpp', sdCppSample, 5],
  ])('100 of %s', (_, sample, seed) => {
    const random = mulberry(seed);
    for (let k = 0; k < 100; k++) expectRead(sample(random));
  });
});

describe('by hand', () => {
  it('reads the hashes that a later tool adds as one JSON', () => {
    const text =
      'a fox <lora:ink:0.8>\nSteps: 20, Sampler: Euler a, Seed: 3, Hashes: {"lora:ink": "0123456789", "model": "45dee52b"}, Version: f2.0.1v1.10.1';
    const found = read({ keyword: 'parameters', text });
    expect(found).toMatchObject({
      tool: 'forge',
      loras: [{ name: 'ink', hash: '0123456789', inPrompt: true }],
    });
    expect(found?.fields.get('Hashes')).toBe('{"lora:ink": "0123456789", "model": "45dee52b"}');
  });

  it('reads the words of textual inversions where AUTOMATIC1111 and Forge write them', () => {
    const a1111 =
      'a castle at dusk, sketchy_ink\nNegative prompt: EasyNegative, (bad-hands-5:1.2)\nSteps: 28, Sampler: DPM++ 2M Karras, ' +
      'CFG scale: 7, Seed: 1234567, Size: 512x768, Model hash: 4199bcdd14, Model: revAnimated_v122, Clip skip: 2, ' +
      'Lora hashes: "add_detail: 7c6bad76eb54", TI hashes: "sketchy_ink: 0a1b2c3d4e5f, EasyNegative: c74b4e810b03, bad-hands-5: aa7651be154c", Version: v1.7.0';
    const found = read({ keyword: 'parameters', text: a1111 });
    expect(found).toMatchObject({ tool: 'a1111', loras: [] });
    expect(found?.words).toEqual([
      { name: 'sketchy_ink', written: 'sketchy_ink', hash: '0a1b2c3d4e5f' },
      { name: 'EasyNegative', written: 'EasyNegative', hash: 'c74b4e810b03' },
      { name: 'bad-hands-5', written: 'bad-hands-5', hash: 'aa7651be154c' },
    ]);

    const forge =
      'a castle at dusk\nNegative prompt: negativeXL_D\nSteps: 20, Sampler: Euler a, Schedule type: Automatic, CFG scale: 5, ' +
      'Seed: 77, Size: 1024x1024, Model hash: 31e35c80fc, Model: sd_xl_base_1.0, TI hashes: "negativeXL_D: fff5d51ab655, negativeXL_D: fff5d51ab655", ' +
      'Hashes: {"model": "31e35c80fc", "embed:negativeXL_D": "fff5d51ab6", "embed:other": "0123456789"}, Version: f2.0.1v1.10.1-previous-669-gdfdcbab6';
    const later = read({ keyword: 'parameters', text: forge });
    expect(later?.tool).toBe('forge');
    expect(later?.words).toEqual([
      { name: 'negativeXL_D', written: 'negativeXL_D', hash: 'fff5d51ab655' },
      { name: 'other', written: 'other', hash: '0123456789' },
    ]);
  });

  it('reads them as a JSON of another writer, and as names alone', () => {
    const json = 'a fox\nSteps: 2, Seed: 3, Size: 8x8, TI hashes: "{\\"lazyneg\\": \\"ba21023c7054\\"}"';
    expect(read({ keyword: 'parameters', text: json })?.words).toEqual([
      { name: 'lazyneg', written: 'lazyneg', hash: 'ba21023c7054' },
    ]);
    const names = 'a fox\nSteps: 2, Seed: 3, Size: 8x8, App: SD.Next, Embeddings: "lazyneg, bad-hands-5"';
    expect(read({ keyword: 'parameters', text: names })?.words).toEqual([
      { name: 'lazyneg', written: 'lazyneg', hash: null },
      { name: 'bad-hands-5', written: 'bad-hands-5', hash: null },
    ]);
  });

  it('reads an editor graph where the other is missing, past what is muted and bypassed', () => {
    const workflow = {
      nodes: [
        { id: 4, type: 'CheckpointLoaderSimple', widgets_values: ['sd15/fox.safetensors'], inputs: [] },
        {
          id: 9,
          type: 'LoraLoader',
          mode: 4,
          widgets_values: ['x', 1, 1],
          inputs: [{ name: 'model', link: 10 }],
        },
        { id: 6, type: 'CLIPTextEncode', widgets_values: ['a fox'], inputs: [{ name: 'clip', link: 2 }] },
        { id: 7, type: 'CLIPTextEncode', widgets_values: ['blurry'], inputs: [{ name: 'clip', link: 2 }] },
        { id: 5, type: 'EmptyLatentImage', widgets_values: [512, 768, 1] },
        { id: 2, type: 'KSampler', mode: 2, widgets_values: [1, 'fixed', 1, 1, 'lcm', 'simple', 1] },
        {
          id: 3,
          type: 'KSampler',
          widgets_values: [18_446_744_073_709_551_615n.toString(), 'randomize', 20, 8, 'euler', 'normal', 1],
          inputs: [
            { name: 'model', link: 11 },
            { name: 'positive', link: 4 },
            { name: 'negative', link: 5 },
            { name: 'latent_image', link: 6 },
          ],
        },
      ],
      links: [
        [10, 4, 0, 9, 0, 'MODEL'],
        [11, 9, 0, 3, 0, 'MODEL'],
        [4, 6, 0, 3, 1, 'CONDITIONING'],
        [5, 7, 0, 3, 2, 'CONDITIONING'],
        [6, 5, 0, 3, 3, 'LATENT'],
      ],
    };
    const found = read({ keyword: 'workflow', text: JSON.stringify(workflow) });
    expect(found).toMatchObject({ prompt: 'a fox', negativePrompt: 'blurry', loras: [] });
    expect(Object.fromEntries(found!.fields)).toMatchObject({
      Steps: '20',
      Sampler: 'euler',
      Size: '512x768',
      Model: 'fox',
      Seed: '18446744073709551615',
    });
  });

  it('keeps a seed beyond 2⁵³ as it is written, and reads what only Python writes', () => {
    const text =
      '{"a":{"class_type":"KSampler","inputs":{"seed":18446744073709551615,"steps":4,"cfg":NaN,"model":["m",0],"positive":["p",0],"is_changed":[Infinity]}},' +
      '"p":{"class_type":"CLIPTextEncode","inputs":{"text":"NaN is \\"not\\" 12345678901234567890"}}}';
    const found = read({ keyword: 'prompt', text });
    expect(found?.prompt).toBe('NaN is "not" 12345678901234567890');
    expect(found?.fields.get('Seed')).toBe('18446744073709551615');
    expect(found?.fields.has('CFG scale')).toBe(false);
  });

  it('names the nodes whose effect is not in the settings', () => {
    const graph = {
      k: {
        class_type: 'KSampler',
        inputs: {
          seed: 1,
          steps: 4,
          cfg: 7,
          denoise: 0.6,
          model: ['f', 0],
          positive: ['c', 0],
          negative: ['c', 1],
          latent_image: ['e', 0],
        },
      },
      f: { class_type: 'FreeU_V2', inputs: { b1: 1.3, model: ['m', 0] } },
      m: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'fox.ckpt' } },
      c: {
        class_type: 'ControlNetApplyAdvanced',
        inputs: { positive: ['p', 0], negative: ['n', 0], strength: 1 },
      },
      p: { class_type: 'CLIPTextEncode', inputs: { text: 'a fox' } },
      n: { class_type: 'CLIPTextEncode', inputs: { text: 'blurry' } },
      e: { class_type: 'VAEEncode', inputs: { pixels: ['i', 0], vae: ['m', 2] } },
      i: { class_type: 'LoadImage', inputs: { image: 'sketch.png' } },
    };
    const found = read({ keyword: 'prompt', text: JSON.stringify(graph) });
    expect(found).toMatchObject({ prompt: 'a fox', negativePrompt: 'blurry' });
    expect(Object.fromEntries(found!.fields)).toMatchObject({
      Model: 'fox',
      'Denoising strength': '0.6',
      'Source picture': 'sketch.png',
      'Other nodes': 'ControlNetApplyAdvanced, FreeU_V2',
    });
  });

  it('reads the tools whose settings lie elsewhere', () => {
    const text =
      '{"c":"a fox","uc":"blurry","sampler":"Euler A","seed":7,"steps":8,"scale":4,"size":"512x768","model":"fox.ckpt","strength":1,"lora":[{"model":"ink.ckpt","weight":0.6}]}';
    expect(read({ keyword: 'parameters', text })).toMatchObject({
      tool: 'draw-things',
      prompt: 'a fox',
      loras: [{ name: 'ink', textWeight: 0.6 }],
    });
    const old =
      '{"model_weights":"fox","app_version":"2.3.5","image":{"prompt":[{"prompt":"a fox [blurry]","weight":1}],"steps":8,"cfg_scale":7,"sampler":"k_lms","seed":4}}';
    expect(read({ keyword: 'sd-metadata', text: old })).toMatchObject({
      tool: 'invokeai',
      prompt: 'a fox',
      negativePrompt: 'blurry',
    });
  });

  it.each([
    [
      'a ring',
      '{"a":{"class_type":"KSampler","inputs":{"seed":1,"model":["a",0],"positive":["a",0],"latent_image":["a",0]}}}',
    ],
    ['a prototype', '{"__proto__":{"class_type":"KSampler","inputs":{}},"constructor":{"class_type":"x"}}'],
    ['no graph', '[[1,2],"x",null]'],
    ['a million brackets', '['.repeat(1_000_000)],
    ['open strings', '"\\"'.repeat(200_000)],
    ['many digits', `{"seed":${'9'.repeat(500_000)}}`],
  ])('bears %s', (_, text) => {
    for (const keyword of ['prompt', 'workflow', 'invokeai_metadata', 'parameters', 'comment'])
      expect(() => readSettings([{ keyword, text }])).not.toThrow();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});
