import { describe, expect, test } from 'vitest';
import { openSafetensors } from '../safetensors/safetensors.ts';
import { safetensors, type TestTensor } from '../safetensors/write.test-data.ts';
import { readAdapter } from './adapter.ts';
import { type FamilyShape, familyNamed, guessFamily, guessWordFamily, isForOthers } from './family.ts';
import { fromOriginalNames, readKey } from './names.ts';
import { summarize } from './summary.ts';
import { readWeights } from './weights.ts';

const zeros = (...shape: number[]): TestTensor => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

async function read(tensors: Record<string, TestTensor>, metadata?: Record<string, string>) {
  const opened = await openSafetensors(new Blob([safetensors(tensors, metadata)]));
  if (!opened.ok) throw new Error(opened.fault.detail);
  return { file: opened.file, result: readAdapter(opened.file) };
}

const KOHYA = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k';

function pair(key: string, rank = 4, inFeatures = 768, outFeatures = 8): Record<string, TestTensor> {
  return {
    [`${key}.lora_down.weight`]: zeros(rank, inFeatures),
    [`${key}.lora_up.weight`]: zeros(outFeatures, rank),
  };
}

describe('names', () => {
  const q = 'down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q';
  const dotted = 'down_blocks.0.attentions.0.transformer_blocks.0.attn1';
  test.each<[string, object]>([
    [`lora_unet_${q}.lora_down.weight`, { component: 'denoiser', layer: q, role: 'down' }],
    [`lora_unet_${q}.alpha`, { component: 'denoiser', layer: q, role: 'alpha' }],
    [`unet.${dotted}.to_q.lora_A.weight`, { component: 'denoiser', layer: q, role: 'down' }],
    [
      `base_model.model.${dotted}.to_q.lora_B.default.weight`,
      { component: 'denoiser', layer: q, role: 'up' },
    ],
    [`unet.${dotted}.processor.to_q_lora.up.weight`, { component: 'denoiser', layer: q, role: 'up' }],
    [`unet.${dotted}.to_q.lora.down.weight`, { component: 'denoiser', layer: q, role: 'down' }],
    [
      `unet.${dotted}.processor.to_out_lora.down.weight`,
      { component: 'denoiser', layer: q.replace('to_q', 'to_out_0'), role: 'down' },
    ],
    [
      'lora_te2_text_model_encoder_layers_3_mlp_fc1.lora_up.weight',
      { component: 'text2', layer: 'encoder_layers_3_mlp_fc1', role: 'up' },
    ],
    [
      'text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_linear_layer.up.weight',
      { component: 'text1', layer: 'encoder_layers_0_self_attn_q_proj', role: 'up' },
    ],
    [
      'text_encoder_2.text_model.encoder.layers.0.self_attn.to_out_lora.up.weight',
      { component: 'text2', layer: 'encoder_layers_0_self_attn_out_proj', role: 'up' },
    ],
  ])('%s', (key, meaning) => {
    expect(readKey(key)).toEqual({ kind: 'matrix', ...meaning });
  });

  test.each([
    ['lora_unet_x.dora_scale', 'DoRA'],
    ['base_model.model.x.lora_magnitude_vector.weight', 'DoRA'],
    ['lora_unet_x.hada_w1_a', 'LoHa'],
    ['lora_unet_x.lokr_w2_b', 'LoKr'],
    ['lora_unet_x.a1.weight', 'GLoRA'],
    ['lora_unet_x.oft_blocks', 'OFT'],
    ['lora_unet_x.diff', 'full weights'],
    ['lora_unet_x.diff_b', 'biases'],
    ['lora_unet_x.w_norm', 'norms'],
  ])('%s is %s', (key, method) => {
    expect(readKey(key)).toEqual({ kind: 'other', method });
  });

  // From SDXL as both codes name it.
  test.each([
    ['input_blocks_0_0', 'conv_in'],
    ['input_blocks_1_0_in_layers_2', 'down_blocks_0_resnets_0_conv1'],
    ['input_blocks_3_0_op', 'down_blocks_0_downsamplers_0_conv'],
    ['input_blocks_4_1_proj_in', 'down_blocks_1_attentions_0_proj_in'],
    ['input_blocks_4_0_skip_connection', 'down_blocks_1_resnets_0_conv_shortcut'],
    [
      'input_blocks_8_1_transformer_blocks_9_attn2_to_k',
      'down_blocks_2_attentions_1_transformer_blocks_9_attn2_to_k',
    ],
    ['middle_block_0_out_layers_3', 'mid_block_resnets_0_conv2'],
    ['middle_block_1_transformer_blocks_0_ff_net_2', 'mid_block_attentions_0_transformer_blocks_0_ff_net_2'],
    ['middle_block_2_emb_layers_1', 'mid_block_resnets_1_time_emb_proj'],
    ['output_blocks_2_1_proj_out', 'up_blocks_0_attentions_2_proj_out'],
    ['output_blocks_2_2_conv', 'up_blocks_0_upsamplers_0_conv'],
    [
      'output_blocks_5_1_transformer_blocks_1_attn1_to_v',
      'up_blocks_1_attentions_2_transformer_blocks_1_attn1_to_v',
    ],
    ['output_blocks_8_0_in_layers_2', 'up_blocks_2_resnets_2_conv1'],
    ['label_emb_0_2', 'add_embedding_linear_2'],
    ['out_2', 'conv_out'],
    ['down_blocks_0_resnets_0_conv1', null],
  ])('%s is %s in diffusers', (original, name) => {
    expect(fromOriginalNames(original, 2)).toBe(name);
  });
});

describe('adapters that are none', () => {
  const faulty: [string, Record<string, TestTensor>, RegExp][] = [
    ['one matrix of two', { [`${KOHYA}.lora_down.weight`]: zeros(4, 8) }, /only one of its two/],
    [
      'two ranks',
      { [`${KOHYA}.lora_down.weight`]: zeros(4, 8), [`${KOHYA}.lora_up.weight`]: zeros(8, 5) },
      /ranks 4 and 5/,
    ],
    ['a rank of 513', pair(KOHYA, 513, 1, 1), /rank 513/],
    ['a rank of 0', pair(KOHYA, 0, 8, 8), /rank 0/],
    ['an alpha of two', { ...pair(KOHYA), [`${KOHYA}.alpha`]: zeros(2) }, /no single number/],
    [
      'whole numbers',
      {
        [`${KOHYA}.lora_down.weight`]: { dtype: 'I32', shape: [1, 1], data: new Uint8Array(4) },
        [`${KOHYA}.lora_up.weight`]: zeros(1, 1),
      },
      /type I32/,
    ],
    [
      'a whole model',
      { 'conv_in.weight': zeros(4, 4, 3, 3), 'conv_in.bias_x': zeros(4) },
      /no part of an adapter/,
    ],
    [
      'a vector',
      { [`${KOHYA}.lora_down.weight`]: zeros(4), [`${KOHYA}.lora_up.weight`]: zeros(4, 4) },
      /is none/,
    ],
    [
      'one layer by two names',
      { ...pair(KOHYA), ...pair(`${KOHYA.replace('lora_unet', 'lycoris')}`) },
      /two names/,
    ],
  ];
  test.each(faulty)('%s', async (_, tensors, reason) => {
    const { result } = await read(tensors);
    expect(result).toMatchObject({
      ok: false,
      fault: { kind: 'invalid', reason: expect.stringMatching(reason) },
    });
  });

  test.each([
    ['LoHa', { [`${KOHYA}.hada_w1_a`]: zeros(4, 4) }],
    ['DoRA', { ...pair(KOHYA), [`${KOHYA}.dora_scale`]: zeros(8, 1) }],
  ])('%s is refused by name', async (method, tensors) => {
    const { result } = await read(tensors);
    expect(result).toEqual({ ok: false, fault: { kind: 'unsupported', method } });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('%s in a matrix or an alpha', async (value) => {
    for (const key of [`${KOHYA}.lora_up.weight`, `${KOHYA}.alpha`]) {
      const tensors: Record<string, TestTensor> = { ...pair(KOHYA, 1, 1, 1), [`${KOHYA}.alpha`]: zeros(1) };
      tensors[key] = { shape: tensors[key]!.shape, data: Float32Array.of(value) };
      const { file, result } = await read(tensors);
      if (!result.ok || result.content.kind !== 'lora') throw new Error('not read');
      expect(await readWeights(file, result.content.layers)).toMatchObject({ ok: false });
    }
  });
});

test('alpha stands beside a layer, in the metadata, for one layer of many, or nowhere', async () => {
  const scaleOf = async (tensors: Record<string, TestTensor>, told?: object) => {
    const { file, result } = await read(tensors, told && { lora_adapter_metadata: JSON.stringify(told) });
    if (!result.ok || result.content.kind !== 'lora') throw new Error('not read');
    const weights = await readWeights(file, result.content.layers);
    return weights.ok ? weights.layers[0]!.scale : weights.reason;
  };
  const key = 'unet.a.attn1.to_q';
  const peft = { [`${key}.lora_A.weight`]: zeros(4, 8), [`${key}.lora_B.weight`]: zeros(8, 4) };
  expect(await scaleOf({ ...pair(KOHYA), [`${KOHYA}.alpha`]: { shape: [], data: Float32Array.of(2) } })).toBe(
    0.5,
  );
  expect(await scaleOf(peft)).toBe(1);
  expect(await scaleOf(peft, { 'unet.lora_alpha': 8 })).toBe(2);
  expect(await scaleOf(peft, { 'unet.lora_alpha': 8, 'unet.use_rslora': true })).toBe(4);
  expect(await scaleOf(peft, { 'unet.lora_alpha': 8, 'unet.alpha_pattern': { 'attn1.to_q': 1 } })).toBe(0.25);
  expect(await scaleOf(peft, { 'text_encoder.lora_alpha': 8 })).toBe(1);
  const { result } = await read(peft, { lora_adapter_metadata: '{"unet.use_dora": true}' });
  expect(result).toEqual({ ok: false, fault: { kind: 'unsupported', method: 'DoRA' } });
});

const data = (size: number, seed: number) =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(seed + i));

test('a core between two 1 × 1 convolutions is folded in exactly', async () => {
  const key = 'lora_unet_down_blocks_0_resnets_0_conv1';
  const [down, mid, up] = [data(2 * 3, 1), data(2 * 2 * 9, 2), data(4 * 2, 3)];
  const { file, result } = await read({
    [`${key}.lora_down.weight`]: { shape: [2, 3, 1, 1], data: down },
    [`${key}.lora_mid.weight`]: { shape: [2, 2, 3, 3], data: mid },
    [`${key}.lora_up.weight`]: { shape: [4, 2, 1, 1], data: up },
  });
  if (!result.ok || result.content.kind !== 'lora') throw new Error('not read');
  expect(result.content.layers[0]).toMatchObject({ kernel: [3, 3], inFeatures: 3, outFeatures: 4, rank: 2 });
  const weights = await readWeights(file, result.content.layers);
  if (!weights.ok) throw new Error(weights.reason);
  const folded = weights.layers[0]!.down;
  for (let i = 0; i < 2; i++)
    for (let k = 0; k < 3; k++)
      for (let cell = 0; cell < 9; cell++) {
        const expected = [0, 1].reduce((sum, j) => sum + mid[(i * 2 + j) * 9 + cell]! * down[j * 3 + k]!, 0);
        expect(folded[(i * 3 + k) * 9 + cell]).toBeCloseTo(expected, 6);
      }
});

function modelShape(
  family: string,
  path: 'diffusion' | 'flow',
  channels: number,
  encoders: number,
  downscale = 8,
): FamilyShape {
  return { family, noise: { path }, latent: { channels, downscale }, textEncoders: { length: encoders } };
}

describe('families', () => {
  test.each<[Record<string, string>, number, string | null]>([
    [{ ss_base_model_version: 'sdxl_base_v1-0' }, 768, 'SDXL'],
    [{ ss_v2: 'True', ss_base_model_version: 'sd_v2' }, 768, 'SD 2'],
    [{ 'modelspec.architecture': 'stable-diffusion-v1/lora' }, 2048, 'SD 1.5'],
    [{ 'modelspec.architecture': 'stable-diffusion-xl-v1-base/lora' }, 768, 'SDXL'],
    [{ 'modelspec.architecture': 'flux-1-dev/lora' }, 768, 'FLUX.1'],
    [{ 'modelspec.architecture': 'who-knows' }, 1024, 'SD 2'],
    [{ 'kiln.family': 'forge-uvit' }, 768, 'forge-uvit'],
    [{}, 768, 'SD 1.5'],
    [{}, 2048, 'SDXL'],
    [{}, 32, null],
  ])('%o with text of width %i is %s', async (metadata, width, label) => {
    const { result } = await read(pair(KOHYA, 4, width));
    if (!result.ok || result.content.kind !== 'lora') throw new Error('not read');
    expect(guessFamily(new Map(Object.entries(metadata)), result.content.layers)?.label ?? null).toBe(label);
  });

  test.each<[string, string[], number, string | null]>([
    [
      'SDXL by its many blocks',
      ['lora_unet_down_blocks_2_attentions_0_transformer_blocks_9_attn1_to_q'],
      1280,
      'SDXL',
    ],
    [
      'SDXL in the original names',
      ['lora_unet_input_blocks_7_1_transformer_blocks_3_ff_net_2'],
      5120,
      'SDXL',
    ],
    ['SD 3 in the original names', ['lora_unet_joint_blocks_3_x_block_attn_qkv'], 1536, 'SD 3'],
    ['SD 3 medium', ['transformer.transformer_blocks.3.attn.add_q_proj'], 1536, 'SD 3'],
    ['SD 3.5 large', ['transformer.transformer_blocks.3.attn.to_k'], 2432, 'SD 3'],
    ['FLUX.1', ['transformer.single_transformer_blocks.3.attn.to_k'], 3072, 'FLUX.1'],
    ['FLUX.1 in the original names', ['lora_unet_double_blocks_0_img_attn_qkv'], 3072, 'FLUX.1'],
    [
      'both encoders of SDXL',
      [
        'lora_te1_text_model_encoder_layers_0_self_attn_q_proj',
        'lora_te2_text_model_encoder_layers_0_self_attn_q_proj',
      ],
      768,
      'SDXL',
    ],
    ['the encoder of SD 2', ['lora_te_text_model_encoder_layers_0_self_attn_q_proj'], 1024, 'SD 2'],
    [
      'an encoder that several families have',
      ['lora_te_text_model_encoder_layers_0_self_attn_q_proj'],
      768,
      null,
    ],
    ['a transformer as wide as those of several', ['transformer.transformer_blocks.3.attn.to_k'], 3072, null],
    [
      'self-attention of SD 1 or 2',
      ['lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q'],
      320,
      null,
    ],
  ])('%s', async (_, layers, width, label) => {
    const tensors = Object.assign({}, ...layers.map((layer) => pair(layer, 4, width))) as Record<
      string,
      TestTensor
    >;
    const { result } = await read(tensors);
    if (!result.ok || result.content.kind !== 'lora') throw new Error('not read');
    expect(guessFamily(new Map(), result.content.layers)?.label ?? null).toBe(label);
  });

  test.each<[Record<string, number>, Record<string, string>, string | null]>([
    [{ emb_params: 768 }, {}, 'SD 1.5'],
    [{ emb_params: 1024 }, {}, 'SD 2'],
    [{ '<ink>': 768 }, {}, 'SD 1.5'],
    [{ clip_l: 768, clip_g: 1280 }, {}, 'SDXL'],
    [{ clip_l: 768 }, {}, null],
    [{ clip_l: 768, clip_g: 1280, t5xxl: 4096 }, {}, null],
    [{ emb_params: 32 }, {}, null],
    [
      { emb_params: 768 },
      { 'modelspec.architecture': 'stable-diffusion-xl-v1-base/textual-inversion' },
      'SDXL',
    ],
  ])('a word of %o with %o', async (widths, metadata, label) => {
    const tables = await tablesOf(
      Object.fromEntries(Object.entries(widths).map(([key, width]) => [key, zeros(1, width)])),
    );
    if (!Array.isArray(tables)) throw new Error('not read');
    expect(guessWordFamily(new Map(Object.entries(metadata)), tables)?.label ?? null).toBe(label);
  });

  const MODELS: Record<string, FamilyShape> = {
    'SD 1.5': modelShape('stable-diffusion-1', 'diffusion', 4, 1),
    'SD 2': modelShape('stable-diffusion-2', 'diffusion', 4, 1),
    SDXL: modelShape('stable-diffusion-xl', 'diffusion', 4, 2),
    'SD 3': modelShape('sd3-4096', 'flow', 16, 2),
    'FLUX.1': modelShape('flux-1-schnell', 'flow', 16, 2),
    'our starter': modelShape('forge-uvit-c96-d256-l6', 'flow', 12, 1, 16),
    'a UNet of no family': modelShape('unet-320', 'diffusion', 4, 1),
    'SD-shaped': modelShape('tiny-sd', 'diffusion', 4, 1),
    'SDXL-shaped': modelShape('tiny-sdxl', 'diffusion', 4, 2),
    'flow-shaped': modelShape('tiny-flow', 'flow', 16, 2),
  };
  // Beside each adapter's family the models that it may be for; it is surely for no other.
  test.each<[string | null, string[]]>([
    ['sd-1.5', ['SD 1.5', 'SD-shaped']],
    ['sd_v2', ['SD 2', 'SD-shaped']],
    ['sdxl_base_v1-0', ['SDXL', 'SDXL-shaped']],
    ['sd3_medium', ['SD 3', 'flow-shaped']],
    ['flux1', ['FLUX.1', 'flow-shaped']],
    ['forge-uvit-c96-d256-l6', ['our starter']],
    ['tiny-sd', ['SD-shaped']],
    ['tiny-flow', ['flow-shaped']],
    ['a family that nobody knows', []],
    [null, Object.keys(MODELS)],
  ])('an adapter for %s may be for %o alone', (family, possible) => {
    const guess = family === null ? null : familyNamed(family);
    const fitting = Object.entries(MODELS).filter(([, model]) => !isForOthers(guess, model));
    expect(fitting.map(([name]) => name)).toEqual(possible);
  });
});

test('a summary is plain text of bounded length', async () => {
  const metadata = {
    ss_tag_frequency: JSON.stringify({ '10_ink': { 'ink wash': 40, paper: 12 }, '5_more': { paper: 50 } }),
    ss_output_name: 'ink',
    ss_comment: 'x'.repeat(5000),
  };
  const { file, result } = await read(
    { ...pair(KOHYA, 16), ...pair('lora_te_text_model_encoder_layers_0_mlp_fc1', 8) },
    metadata,
  );
  if (!result.ok) throw new Error('not read');
  const summary = summarize(result.content, file.header.metadata);
  expect(summary).toMatchObject({
    kind: 'lora',
    family: 'sd1',
    familyLabel: 'SD 1.5',
    rank: 16,
    layers: { denoiser: 1, text1: 1 },
    targets: ['attention', 'feed-forward and projections'],
    triggerWords: ['paper', 'ink wash'],
  });
  expect(summary.notes.map(({ key }) => key)).toEqual(['ss_output_name', 'ss_comment']);
  expect(summary.notes[1]!.value).toHaveLength(201);
  const named = new Map([...file.header.metadata, ['modelspec.trigger_phrase', 'inkstyle']]);
  expect(summarize(result.content, named).triggerWords).toEqual(['inkstyle']);
  expect(summarize(result.content, new Map([['ss_tag_frequency', '[1, {"a": "b"}]']])).triggerWords).toEqual(
    [],
  );
});

async function tablesOf(tensors: Record<string, TestTensor>) {
  const { result } = await read(tensors);
  return result.ok && result.content.kind === 'textual-inversion' ? result.content.tables : result;
}

test('textual inversions of both layouts are recognised', async () => {
  expect(await tablesOf({ emb_params: zeros(3, 768) })).toEqual([
    { component: 'text1', tensor: 'emb_params', word: null, vectors: 3, width: 768 },
  ]);
  expect(await tablesOf({ clip_g: zeros(2, 1280), clip_l: zeros(2, 768) })).toMatchObject([
    { component: 'text2', vectors: 2, width: 1280 },
    { component: 'text1', vectors: 2, width: 768 },
  ]);
  expect(await tablesOf({ '<ink-wash>': zeros(768) })).toMatchObject([
    { component: 'text1', word: '<ink-wash>', vectors: 1, width: 768 },
  ]);
});
