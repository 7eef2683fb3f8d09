import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../models/manifest.ts';
import { clipTokenizer, readMerges } from './clip-tokenizer.ts';
import {
  contentsOf,
  contentsOfFolder,
  KB,
  MB,
  SCHEDULERS,
  slowTokenizer,
  UNETS,
  VAE,
} from '../../../e2e/hub/contents.ts';
import { checkFiles, type Contents, filesToRead } from './files.ts';
import { finishManifest, recognise, type Recognised } from './recognise.ts';

const MODELS = join(import.meta.dirname, '../../../e2e/models');
const SOURCE = { id: 'tests/model', name: 'Model', origin: 'tests/model' };

const NUMBERS = [
  'noise',
  'latent',
  'tokenizers',
  'textEncoders',
  'conditioning',
  'denoiser',
  'decoder',
  'encoder',
  'parts',
] as const;

function manifestOnDisk(name: string): Manifest {
  return JSON.parse(readFileSync(join(MODELS, name, 'manifest.json'), 'utf8')) as Manifest;
}

function recognised(contents: Contents): Recognised {
  const result = recognise(contents, SOURCE);
  if (!result.ok) throw new Error(result.reason);
  return result.recognised;
}

describe.each(['tiny-sd', 'tiny-sdxl', 'tiny-flow', 'tiny-lcm'])('%s without its manifest', (name) => {
  const found = recognised(contentsOfFolder(join(MODELS, name), ['manifest.json']));
  const written = manifestOnDisk(name);

  it('can be installed in its one form', () => {
    expect(found.missing).toEqual([]);
    expect(found.choices.map(({ id, missing }) => ({ id, missing }))).toEqual([{ id: 'fp32', missing: [] }]);
  });

  it('is described as its own exporter described it, wherever numbers depend on it', () => {
    const [choice] = found.choices;
    const { draft } = choice!;
    const whole = finishManifest(draft!, filesOf(choice!));
    const reference = finishManifest(written, written.files);
    if (!whole.ok || !reference.ok) throw new Error('One of the two manifests is not valid.');
    for (const field of NUMBERS) {
      expect(whole.manifest[field], field).toEqual(reference.manifest[field]);
    }
    expect(draft!.guidance.kind).toBe(written.guidance.kind);
    expect(draft!.sizes.only).toEqual(written.sizes.only);
  });

  it('installs every file its manifest speaks of', () => {
    const [choice] = found.choices;
    const whole = finishManifest(choice!.draft!, filesOf(choice!));
    expect(whole.ok || whole.reason).toBe(true);
  });

  it('is the same with a tokenizer made from its words and merges', () => {
    const files = ['tokenizer/tokenizer.json', 'tokenizer_2/tokenizer.json'];
    const slow = recognised(contentsOfFolder(join(MODELS, name), ['manifest.json', ...files]));
    const [choice] = slow.choices;
    expect(choice!.missing).toEqual([]);
    expect(choice!.draft!.tokenizers).toEqual(found.choices[0]!.draft!.tokenizers);
    for (const { path, text } of choice!.generated) {
      expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(join(MODELS, name, path), 'utf8')));
    }
    expect(choice!.generated.length).toBeGreaterThan(0);
  });
});

function filesOf(choice: Recognised['choices'][number]): Manifest['files'] {
  return Object.fromEntries(
    choice.files.map(({ path, sizeBytes, sha256 }) => [path, { sizeBytes, sha256: sha256! }]),
  );
}

describe('layouts seen on the hub', () => {
  it('SDXL in three shards, distilled to a few steps', () => {
    const found = recognised(
      contentsOf(
        {
          'text_encoder/model.onnx': 400 * KB,
          'text_encoder/model.onnx_data': 246 * MB,
          'text_encoder_2/model.onnx': 900 * KB,
          'text_encoder_2/model.onnx_data': 1300 * MB,
          'unet/model.onnx': 17 * MB,
          'unet/model.onnx_data': 1900 * MB,
          'unet/model.onnx_data_1': 1900 * MB,
          'unet/model.onnx_data_2': 1080 * MB,
          'vae_decoder/model.onnx': 300 * KB,
          'vae_decoder/model.onnx_data': 99 * MB,
        },
        {
          'model_index.json': {
            _class_name: 'StableDiffusionXLPipeline',
            force_zeros_for_empty_prompt: true,
          },
          'scheduler/scheduler_config.json': SCHEDULERS.turbo,
          'unet/config.json': UNETS.sdxl,
          'vae_decoder/config.json': { ...VAE, scaling_factor: 0.13025 },
          'text_encoder/config.json': { num_hidden_layers: 12, max_position_embeddings: 77 },
          'text_encoder_2/config.json': { num_hidden_layers: 32, max_position_embeddings: 77 },
          ...slowTokenizer('tokenizer', '<|endoftext|>'),
          ...slowTokenizer('tokenizer_2', '!'),
        },
      ),
    );
    expect(found.missing).toEqual([]);
    const [choice] = found.choices;
    expect(choice!.missing).toEqual([]);
    expect(choice!.draft).toMatchObject({
      family: 'stable-diffusion-xl',
      guidance: { kind: 'distilled' },
      samplers: { default: 'euler' },
      schedules: { default: 'trailing' },
      latent: { scale: 0.13025, downscale: 8 },
      sizes: { default: { widthPx: 1024, heightPx: 1024 } },
      tokenizers: { tokenizer: { padId: 49407 }, tokenizer_2: { padId: 0 } },
      textEncoders: [
        { embeddings: 'hidden_states.11' },
        { embeddings: 'hidden_states.31', pooled: 'text_embeds' },
      ],
      conditioning: { pooled: 'last', timeIds: true, zeroForEmptyNegative: true },
    });
    expect(choice!.draft!.parts['unet']!.variants[0]!.weights).toEqual([
      'unet/model.onnx_data',
      'unet/model.onnx_data_1',
      'unet/model.onnx_data_2',
    ]);
  });

  it('Stable Diffusion 1.5 as the older script exported it, with weights.pb', () => {
    const found = recognised(
      contentsOf(
        {
          'text_encoder/model.onnx': 492 * MB,
          'unet/model.onnx': 17 * MB,
          'unet/weights.pb': 2000 * MB,
          'vae_decoder/model.onnx': 198 * MB,
          'vae_encoder/model.onnx': 137 * MB,
          'safety_checker/model.onnx': 1200 * MB,
        },
        {
          'model_index.json': { _class_name: 'OnnxStableDiffusionPipeline' },
          'scheduler/scheduler_config.json': SCHEDULERS.stableDiffusion15,
          'unet/config.json': UNETS.sd1,
          'vae_decoder/config.json': VAE,
          ...slowTokenizer('tokenizer', '<|endoftext|>'),
        },
      ),
    );
    expect(found.missing).toEqual([]);
    const [choice] = found.choices;
    expect(choice!.missing).toEqual([]);
    expect(choice!.files.map(({ path }) => path)).not.toContain('safety_checker/model.onnx');
    expect(choice!.draft).toMatchObject({
      family: 'stable-diffusion-1',
      noise: { stepsOffset: 1, finalAlphaOne: false, betaSchedule: 'scaled_linear', prediction: 'epsilon' },
      guidance: { kind: 'classifier-free', default: 7 },
      parts: { unet: { variants: [{ weights: ['unet/weights.pb'] }] } },
      denoiser: { inputs: { sample: 'sample', timestep: 'timestep', text: 'encoder_hidden_states' } },
    });
    expect(found.remarks.join(' ')).toContain('PNDMScheduler');
  });

  it('SD-Turbo with everything inside the graphs: told before 1.7 GB are fetched', () => {
    const found = recognised(
      contentsOf({
        'text_encoder/model.onnx': 649 * MB,
        'unet/model.onnx': 1650 * MB,
        'vae_decoder/model.onnx': 95 * MB,
      }),
    );
    expect(found.choices[0]!.missing.join(' ')).toContain(
      'unet/model.onnx has its weights inside the graph (1.7 GB)',
    );
    expect(found.missing).toEqual([
      'There is no scheduler/scheduler_config.json: the noise schedule is not known.',
      'There is no config.json of the VAE: the scale of its latents is not known.',
      'There is no tokenizer.json in tokenizer/, nor vocab.json and merges.txt to make it from.',
    ]);
  });

  it('forms by suffix in one folder of graphs: each is a choice, the smallest first', () => {
    const sizes: Record<string, number> = {};
    for (const [part, mb] of Object.entries({
      text_encoder: 250,
      text_encoder_2: 500,
      unet: 400,
      vae_decoder: 95,
    })) {
      sizes[`onnx/${part}_model_fp16.onnx`] = mb * MB;
      sizes[`onnx/${part}_model_q4f16.onnx`] = (mb * MB) / 2;
    }
    const found = recognised(
      contentsOf(sizes, {
        'scheduler/scheduler_config.json': {
          ...SCHEDULERS.turbo,
          _class_name: 'EulerAncestralDiscreteScheduler',
        },
        'unet/config.json': { ...UNETS.sdxl, sample_size: 64 },
        'vae/config.json': { ...VAE, scaling_factor: 0.13025 },
        'text_encoder/config.json': { num_hidden_layers: 12 },
        'text_encoder_2/config.json': { num_hidden_layers: 32 },
        ...slowTokenizer('tokenizer', '<|endoftext|>'),
        ...slowTokenizer('tokenizer_2', '!'),
      }),
    );
    expect(found.missing).toEqual([]);
    expect(found.choices.map(({ id, compute, missing }) => ({ id, compute, missing }))).toEqual([
      { id: 'q4f16', compute: 'float16', missing: [] },
      { id: 'fp16', compute: 'float16', missing: [] },
    ]);
    expect(found.choices.map(({ draft }) => draft!.id)).toEqual(['tests.model.q4f16', 'tests.model.fp16']);
    expect(found.choices[0]!.draft!.samplers.default).toBe('euler-a');
  });

  it('a pipeline in a folder of its own: paths of the manifest begin there', () => {
    const settings = {
      'scheduler/scheduler_config.json': { ...SCHEDULERS.stableDiffusion15, _class_name: 'LCMScheduler' },
      'unet/config.json': { ...UNETS.sd1, time_cond_proj_dim: 256 },
      'vae_decoder/config.json': VAE,
      ...slowTokenizer('tokenizer', '<|endoftext|>'),
    };
    const found = recognised(
      contentsOf(
        {
          'lcm-onnx/text_encoder/model.onnx': MB,
          'lcm-onnx/unet/model.onnx': MB,
          'lcm-onnx/vae_decoder/model.onnx': MB,
        },
        Object.fromEntries(Object.entries(settings).map(([path, value]) => [`lcm-onnx/${path}`, value])),
      ),
    );
    expect(found.missing).toEqual([]);
    expect(found.root).toBe('lcm-onnx/');
    expect(found.choices[0]!.draft).toMatchObject({
      guidance: { kind: 'embedded', form: 'sinusoidal', width: 256 },
      samplers: { default: 'lcm', only: ['lcm'] },
      denoiser: { inputs: { guidance: 'timestep_cond' } },
      parts: { unet: { variants: [{ graph: 'unet/model.onnx' }] } },
    });
  });

  it('Stable Diffusion 3 without its T5', () => {
    const found = recognised(
      contentsOf(
        {
          'text_encoder/model.onnx': MB,
          'text_encoder_2/model.onnx': MB,
          'text_encoder_3/model.onnx': MB,
          'transformer/model.onnx': MB,
          'transformer/model.onnx_data': 1900 * MB,
          'vae_decoder/model.onnx': MB,
        },
        {
          'scheduler/scheduler_config.json': SCHEDULERS.stableDiffusion3,
          'transformer/config.json': {
            _class_name: 'SD3Transformer2DModel',
            sample_size: 128,
            joint_attention_dim: 4096,
          },
          'vae_decoder/config.json': {
            ...VAE,
            latent_channels: 16,
            scaling_factor: 1.5305,
            shift_factor: 0.0609,
          },
          'text_encoder/config.json': { num_hidden_layers: 12 },
          'text_encoder_2/config.json': { num_hidden_layers: 32 },
          ...slowTokenizer('tokenizer', '<|endoftext|>'),
          ...slowTokenizer('tokenizer_2', '!'),
        },
      ),
    );
    expect(found.missing).toEqual([]);
    expect(found.choices[0]!.draft).toMatchObject({
      noise: { path: 'flow', prediction: 'v_prediction', shift: 3 },
      samplers: { default: 'flow-euler' },
      conditioning: { pooled: 'join', appendZeroTokens: 256, padFeaturesTo: 4096 },
      latent: { channels: 16, scale: 1.5305, shift: 0.0609 },
    });
    expect(found.remarks.join(' ')).toContain('T5');
  });

  it('another kind of transformer is named, not run', () => {
    const found = recognised(
      contentsOf(
        { 'transformer/model.onnx': MB },
        { 'transformer/config.json': { _class_name: 'FluxTransformer2DModel' } },
      ),
    );
    expect(found.missing.join(' ')).toContain('FluxTransformer2DModel');
  });

  it('captioners in the layout of Transformers.js, in the forms that are whole', () => {
    const settings = {
      'tokenizer.json': {},
      'tokenizer_config.json': {},
      'preprocessor_config.json': {},
    };
    const found = recognised(
      contentsOf(
        {
          'onnx/encoder_model.onnx': 343 * MB,
          'onnx/decoder_model_merged.onnx': 613 * MB,
          'onnx/encoder_model_quantized.onnx': 87 * MB,
          'onnx/decoder_model_merged_quantized.onnx': 159 * MB,
          'onnx/encoder_model_q4.onnx': 40 * MB,
        },
        {
          'config.json': { model_type: 'vision-encoder-decoder', decoder: { model_type: 'gpt2' } },
          ...settings,
        },
      ),
    );
    expect(found).toMatchObject({ kind: 'captioner', architecture: 'vision-encoder-decoder', missing: [] });
    expect(found.choices.map(({ id }) => id)).toEqual(['q8', 'fp32']);
    const florence = recognised(
      contentsOf(
        { 'onnx/vision_encoder_fp16.onnx': MB },
        { 'config.json': { model_type: 'florence2' }, ...settings },
      ),
    );
    expect(florence.choices).toEqual([]);
    expect(florence.missing).toContain('There is no graph of embed_tokens.');
  });

  it.each([
    [{ 'unet/diffusion_pytorch_model.safetensors': MB }, /PyTorch pipeline.*python -m forge export/],
    [{ 'model-q4.gguf': MB }, /GGUF/],
    [{ 'lora.safetensors': MB }, /PyTorch weights/],
    [{ 'weird/net.onnx': MB }, /parts are not known/],
    [{ 'readme.txt': 3 }, /no model here/],
    [{}, /no files/],
  ])('%j is nothing to install, and the sentence says what it is', (sizes, sentence) => {
    const result = recognise(contentsOf(sizes as Record<string, number>), SOURCE);
    expect(result.ok ? 'recognised' : result.reason).toMatch(sentence);
  });
});

describe('a folder of ours', () => {
  it('is taken by its manifest', () => {
    const found = recognised(contentsOfFolder(join(MODELS, 'tiny-sd')));
    expect(found).toMatchObject({ layout: 'kiln', missing: [] });
    const [choice] = found.choices;
    expect(choice!.missing).toEqual([]);
    expect(finishManifest(choice!.draft!, filesOf(choice!)).ok).toBe(true);
  });

  it('says which file is missing, and which is another', () => {
    const whole = contentsOfFolder(join(MODELS, 'tiny-sd'));
    const files = whole.files
      .filter(({ path }) => path !== 'vae_decoder/model.onnx_data')
      .map((file) => (file.path === 'unet/model.onnx' ? { ...file, sha256: '0'.repeat(64) } : file));
    const [choice] = recognised({ ...whole, files }).choices;
    expect(choice!.missing).toEqual([
      'unet/model.onnx is another file than the one the manifest vouches for.',
      'vae_decoder/model.onnx_data is not there.',
    ]);
  });

  it('with a broken manifest says where', () => {
    const whole = contentsOfFolder(join(MODELS, 'tiny-sd'));
    const texts = new Map([...whole.texts, ['manifest.json', '{"format":2}']]);
    expect(recognised({ ...whole, texts }).missing[0]).toContain('The manifest cannot be used: format');
  });
});

describe('what a graph tells', () => {
  it('a weight file that is not there is told before anything is fetched', () => {
    const found = recognised(
      contentsOfFolder(join(MODELS, 'tiny-sd'), ['manifest.json', 'unet/model.onnx_data']),
    );
    expect(found.choices[0]!.missing.join(' ')).toMatch(
      /unet\/model.onnx would be refused: .*model.onnx_data.* is no file/,
    );
  });

  it('a graph that is no graph is told', () => {
    const whole = contentsOfFolder(join(MODELS, 'tiny-sd'), ['manifest.json']);
    const graphs = new Map([
      ...whole.graphs,
      ['unet/model.onnx', new TextEncoder().encode('<!doctype html>')],
    ]);
    expect(recognised({ ...whole, graphs }).choices[0]!.missing.join(' ')).toContain(
      'not a readable ONNX file',
    );
  });
});

function listed(path: string, sizeBytes = 1) {
  return { path, sizeBytes, sha256: null, gitSha1: null };
}

describe('listings that cannot be meant well', () => {
  it.each([
    ['../evil.onnx', /leads out/],
    ['unet/../../x', /leads out/],
    ['/etc/passwd', /leads out/],
    ['C:\\windows', /leads out/],
    ['', /leads out/],
    ['x'.repeat(400), /too long/],
  ])('%j', (path, sentence) => {
    const result = checkFiles([listed(path)]);
    expect(result.ok ? 'taken' : result.reason).toMatch(sentence);
  });

  it('too many, twice the same, sizes of nonsense', () => {
    expect(checkFiles(Array.from({ length: 5001 }, (_, i) => listed(`f${i}`)))).toMatchObject({ ok: false });
    expect(checkFiles([listed('a'), listed('a')])).toMatchObject({ ok: false });
    for (const size of [-1, 0.5, Number.NaN, 2 ** 60])
      expect(checkFiles([listed('a', size)])).toMatchObject({ ok: false });
  });

  it('asks for a bounded part of a listing beyond measure, and for no graph that is not of a pipeline', () => {
    const many = Array.from({ length: 900 }, (_, i) => [
      listed(`f${i}/settings.json`, 3 * MB),
      listed(`unet/model_${i}.onnx`, 15 * MB),
      listed(`onnx/decoder_${i}.onnx`, MB),
    ]).flat();
    const { texts, graphs } = filesToRead(many);
    const sum = (files: typeof texts) => files.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
    expect(sum(texts)).toBeLessThanOrEqual(32 * MB);
    expect(sum(graphs)).toBeLessThanOrEqual(96 * MB);
    expect(graphs.length).toBeGreaterThan(0);
    expect(graphs.filter(({ path }) => path.startsWith('onnx/'))).toEqual([]);
  });

  it('settings of the wrong types, too deep or not JSON become a sentence', () => {
    const graphs = { 'unet/model.onnx': MB, 'text_encoder/model.onnx': MB, 'vae_decoder/model.onnx': MB };
    for (const bad of ['[', '"x"', '[]', 'null', '{"num_train_timesteps":"many"}', '['.repeat(100_000)]) {
      const found = recognised(contentsOf(graphs, { 'scheduler/scheduler_config.json': bad }));
      expect(found.missing.some((sentence) => sentence.includes('scheduler_config.json'))).toBe(true);
    }
    const tall = { ...SCHEDULERS.turbo, num_train_timesteps: 1e300 };
    expect(recognised(contentsOf(graphs, { 'scheduler/scheduler_config.json': tall })).missing[0]).toContain(
      'num_train_timesteps',
    );
  });

  it('property: whatever the settings are, recognising neither throws nor makes a bad manifest', () => {
    const settings = [
      'model_index.json',
      'scheduler/scheduler_config.json',
      'unet/config.json',
      'vae_decoder/config.json',
      'text_encoder/config.json',
      'tokenizer/tokenizer_config.json',
      'tokenizer/vocab.json',
      'config.json',
      'manifest.json',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...settings), fc.oneof(fc.json(), fc.string())), (texts) => {
        const contents = contentsOf(
          {
            'unet/model.onnx': MB,
            'text_encoder/model.onnx': MB,
            'vae_decoder/model.onnx': MB,
            'tokenizer/tokenizer.json': KB,
          },
          { ...texts },
        );
        const result = recognise(contents, SOURCE);
        if (!result.ok) return;
        for (const choice of result.recognised.choices) {
          if (result.recognised.missing.length > 0 || choice.missing.length > 0 || choice.draft === null)
            continue;
          expect(finishManifest(choice.draft, filesOf(choice))).toMatchObject({ ok: true });
        }
      }),
    );
  });

  it('property: whatever numbers the settings hold, a complete choice is a valid manifest', () => {
    const number = fc.oneof(fc.integer({ min: -5, max: 5000 }), fc.double(), fc.constant(null));
    fc.assert(
      fc.property(
        fc.record({
          sample_size: number,
          cross_attention_dim: number,
          time_cond_proj_dim: number,
          block_out_channels: fc.array(number, { maxLength: 6 }),
        }),
        fc.record({
          latent_channels: number,
          scaling_factor: number,
          shift_factor: number,
          block_out_channels: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 18 }),
        }),
        fc.record({ num_train_timesteps: number, beta_start: number, steps_offset: number }),
        (unet, vae, scheduler) => {
          const contents = contentsOf(
            { 'unet/model.onnx': MB, 'text_encoder/model.onnx': MB, 'vae_decoder/model.onnx': MB },
            {
              'scheduler/scheduler_config.json': { ...SCHEDULERS.turbo, ...scheduler },
              'unet/config.json': unet,
              'vae_decoder/config.json': vae,
              ...slowTokenizer('tokenizer', '!'),
            },
          );
          const found = recognised(contents);
          const [choice] = found.choices;
          if (found.missing.length > 0 || choice!.missing.length > 0) return;
          const files = Object.fromEntries(
            choice!.generated.map(({ path }) => [path, { sizeBytes: 1, sha256: '0'.repeat(64) }]),
          );
          expect(finishManifest(choice!.draft!, { ...filesOf(choice!), ...files })).toMatchObject({
            ok: true,
          });
        },
      ),
    );
  });
});

describe('a tokenizer made of words and merges', () => {
  it('refuses what is no list of pairs, and a vocabulary without an end', () => {
    expect(readMerges('#version: 0.2\na b c\n')).toBeNull();
    expect(clipTokenizer({ ids: { a: 0 }, merges: [] }, '!')).toBeNull();
  });
});
