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
