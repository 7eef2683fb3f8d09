import { readFileSync } from 'node:fs';
// What a pass is worth shows only in the answers of the runtime.
// oxlint-disable-next-line no-restricted-imports
import * as ort from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { toHalves } from '../half.ts';
import {
  type Attribute,
  type Graph,
  type Model,
  type Node,
  readModel,
  type Tensor,
  writeModel,
} from '../model.ts';
import { ElementType, rawTensor } from '../tensor.ts';
import { insertLora, type LoraSite } from './insert-lora.ts';
import { findLayers, layerGroup } from './lora-sites.ts';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
});

const values = (size: number, seed = 0) =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(seed + 1.7 * i));
const floats = (name: string, dims: number[], seed = 0): Tensor =>
  rawTensor(
    name,
    ElementType.float,
    dims,
    new Uint8Array(
      values(
        dims.reduce((a, b) => a * b),
        seed,
      ).buffer,
    ),
  );
const halves = (name: string, dims: number[]): Tensor =>
  rawTensor(
    name,
    ElementType.float16,
    dims,
    new Uint8Array(toHalves(values(dims.reduce((a, b) => a * b))).bits.buffer),
  );
const bytes = (name: string, dims: number[], dataType: number): Tensor =>
  rawTensor(
    name,
    dataType,
    dims,
    Uint8Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => (i * 37) % 120),
  );

const blank = { floats: [], strings: [], tensors: [], graphs: [], unknown: [] };
const int = (name: string, i: number): Attribute => ({ ...blank, name, i: BigInt(i), ints: [], type: 2 });
const ints = (name: string, ...list: number[]): Attribute => ({
  ...blank,
  name,
  ints: list.map(BigInt),
  type: 7,
});

function node(
  opType: string,
  name: string,
  inputs: string[],
  output: string,
  attributes: Attribute[] = [],
): Node {
  const domain = opType === 'MatMulNBits' ? { domain: 'com.microsoft' } : {};
  return { inputs, outputs: [output], name, opType, attributes, unknown: [], ...domain };
}

function modelOf(
  nodes: Node[],
  initializers: Tensor[],
  inputDims: number[],
  elemType: number = ElementType.float,
): Model {
  const border = (name: string, dims: number[]) => ({
    name,
    type: {
      tensor: {
        elemType,
        shape: { dims: dims.map((value) => ({ value, unknown: [] })), unknown: [] },
        unknown: [],
      },
      unknown: [],
    },
    unknown: [],
  });
  const graph: Graph = {
    name: 'g',
    nodes,
    initializers,
    inputs: [border('x', inputDims)],
    outputs: [{ ...border('y', []), type: { tensor: { elemType, unknown: [] }, unknown: [] } }],
    valueInfo: [],
    unknown: [],
  };
  const opsets = [
    { version: 18, unknown: [] },
    { domain: 'com.microsoft', version: 1, unknown: [] },
  ];
  return { irVersion: 8, graph, opsets, metadata: [], unknown: [] };
}

async function run(model: Model, feeds: Record<string, ort.Tensor>): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(writeModel(model));
  const answer = await session.run(feeds);
  await session.release();
  return Float32Array.from(answer['y']!.data as Float32Array);
}

const W = 'blocks.0.attn.to_q.weight';
const NODE = '/blocks.0/attn/to_q';
const [K, N, R] = [32, 6, 3];
const nBits = [int('K', K), int('N', N), int('bits', 8), int('block_size', 32)];

/** Each way that exporters and quantizers write one linear layer of 32 to 6. */
const LINEAR: [string, Model][] = [
  ['MatMul', modelOf([node('MatMul', '', ['x', W], 'y')], [floats(W, [K, N])], [2, 5, K])],
  [
    'MatMul of a weight without a name of its own',
    modelOf(
      [node('MatMul', `${NODE}/MatMul`, ['x', 'onnx::MatMul_7'], 'y')],
      [floats('onnx::MatMul_7', [K, N])],
      [2, 5, K],
    ),
  ],
  [
    'Transpose and MatMul',
    modelOf(
      [node('Transpose', '', [W], 'w', [ints('perm', 1, 0)]), node('MatMul', '', ['x', 'w'], 'y')],
      [floats(W, [N, K])],
      [2, 5, K],
    ),
  ],
  [
    'MatMul and a bias',
    modelOf(
      [node('MatMul', '', ['x', W], 'p'), node('Add', '', ['bias', 'p'], 'y')],
      [floats(W, [K, N]), floats('bias', [N], 9)],
      [2, 5, K],
    ),
  ],
  [
    'Gemm with transB',
    modelOf(
      [node('Gemm', '', ['x', W, 'bias'], 'y', [int('transB', 1)])],
      [floats(W, [N, K]), floats('bias', [N])],
      [4, K],
    ),
  ],
  ['Gemm without', modelOf([node('Gemm', '', ['x', W], 'y')], [floats(W, [K, N])], [4, K])],
  [
    'MatMulNBits',
    modelOf(
      [node('MatMulNBits', `${NODE}/MatMul`, ['x', `${W}_Q8`, `${W}_scales`, '', '', 'bias'], 'y', nBits)],
      [bytes(`${W}_Q8`, [N, 1, 32], ElementType.uint8), floats(`${W}_scales`, [N]), floats('bias', [N])],
      [2, 5, K],
    ),
  ],
  [
    'DequantizeLinear and MatMul',
    modelOf(
      [
        node('DequantizeLinear', '', [`${W}_Q8`, 'scales'], 'w', [int('axis', 1)]),
        node('MatMul', '', ['x', 'w'], 'y'),
      ],
      [bytes(`${W}_Q8`, [K, N], ElementType.int8), floats('scales', [N])],
      [2, 5, K],
    ),
  ],
];

function sitesOf(model: Model): { model: Model; sites: LoraSite[] } {
  const inserted = insertLora(model, { rank: R, wants: () => true });
  if (!inserted.ok) throw new Error(inserted.reason);
  return inserted;
}

function feed(dims: readonly number[], seed: number): ort.Tensor {
  return new ort.Tensor(
    'float32',
    values(
      dims.reduce((a, b) => a * b),
      seed,
    ),
    dims,
  );
}

describe.each(LINEAR)('%s', (_, plain) => {
  test('gets a branch that adds B·(A·x), and nothing with zeros', async () => {
    const { model, sites } = sitesOf(plain);
    expect(sites).toEqual([
      {
        path: 'blocks.0.attn.to_q',
        kind: 'linear',
        inFeatures: K,
        outFeatures: N,
        kernel: [1, 1],
        rank: R,
        type: 'float32',
        a: { input: 'lora_A.blocks.0.attn.to_q', dims: [K, R] },
        b: { input: 'lora_B.blocks.0.attn.to_q', dims: [R, N] },
      },
    ]);
    const { a, b } = sites[0]!;
    const dims = plain.graph!.inputs[0]!.type!.tensor!.shape!.dims.map(({ value }) => value!);
    const x = feed(dims, 3);
    const base = await run(plain, { x });
    const off = await run(model, {
      x,
      [a.input]: feed(a.dims, 1),
      [b.input]: new ort.Tensor(new Float32Array(R * N), b.dims),
    });
    expect(off).toEqual(base);
    const on = await run(model, { x, [a.input]: feed(a.dims, 1), [b.input]: feed(b.dims, 2) });
    const [xs, down, up] = [x.data as Float32Array, values(K * R, 1), values(R * N, 2)];
    for (let row = 0; row < xs.length / K; row++) {
      const middle = Array.from({ length: R }, (_r, r) => {
        let sum = 0;
        for (let k = 0; k < K; k++) sum += xs[row * K + k]! * down[k * R + r]!;
        return sum;
      });
      for (let n = 0; n < N; n++) {
        const change = middle.reduce((sum, value, r) => sum + value * up[r * N + n]!, 0);
        expect(on[row * N + n]).toBeCloseTo(base[row * N + n]! + change, 3);
      }
    }
  });
});

const CONV = 'down_blocks.0.resnets.0.conv1.weight';
const stride = [ints('kernel_shape', 3, 3), ints('strides', 2, 2), ints('pads', 1, 1, 1, 1)];

describe.each([
  ['Conv', modelOf([node('Conv', '', ['x', CONV], 'y', stride)], [floats(CONV, [4, 3, 3, 3])], [1, 3, 8, 8])],
  [
    'DequantizeLinear and Conv',
    modelOf(
      [
        node('DequantizeLinear', '', [`${CONV}_Q8`, 'scales'], 'w', [int('axis', 0)]),
        node('Conv', '/down_blocks.0/resnets.0/conv1/Conv', ['x', 'w'], 'y', stride),
      ],
      [bytes(`${CONV}_Q8`, [4, 3, 3, 3], ElementType.int8), floats('scales', [4])],
      [1, 3, 8, 8],
    ),
  ],
] as [string, Model][])('%s of 3 × 3 with stride 2', (_, plain) => {
  test('gets the same stride in its branch', async () => {
    const { model, sites } = sitesOf(plain);
    const { a, b, path } = sites[0]!;
    expect([path, a.dims, b.dims]).toEqual(['down_blocks.0.resnets.0.conv1', [R, 3, 3, 3], [4, R, 1, 1]]);
    const x = feed([1, 3, 8, 8], 3);
    const base = await run(plain, { x });
    const zeros = new ort.Tensor(new Float32Array(4 * R), b.dims);
    expect(await run(model, { x, [a.input]: feed(a.dims, 1), [b.input]: zeros })).toEqual(base);
    const on = await run(model, { x, [a.input]: feed(a.dims, 1), [b.input]: feed(b.dims, 2) });
    // up · down is one weight of the layer's own shape, and a convolution with it is the change.
    const [down, up] = [values(R * 27, 1), values(4 * R, 2)];
    const whole = Float32Array.from({ length: 4 * 27 }, (_v, i) =>
      [0, 1, 2].reduce((sum, r) => sum + up[Math.floor(i / 27) * R + r]! * down[r * 27 + (i % 27)]!, 0),
    );
    const weight = rawTensor(CONV, ElementType.float, [4, 3, 3, 3], new Uint8Array(whole.buffer));
    const change = await run(modelOf([node('Conv', '', ['x', CONV], 'y', stride)], [weight], [1, 3, 8, 8]), {
      x,
    });
    for (const [i, value] of on.entries()) expect(value).toBeCloseTo(base[i]! + change[i]!, 3);
  });
});

test('a layer that computes in float16 gets inputs of float16', () => {
  const { model, sites } = sitesOf(
    modelOf([node('MatMul', '', ['x', W], 'y')], [halves(W, [K, N])], [2, K], ElementType.float16),
  );
  expect(sites[0]!.type).toBe('float16');
  const types = model.graph!.inputs.map(({ type }) => type!.tensor!.elemType);
  expect(types).toEqual([ElementType.float16, ElementType.float16, ElementType.float16]);
});

test('two convolutions that meet in one sum both get their branch', async () => {
  const [one, two] = ['a.conv2.weight', 'a.conv_shortcut.weight'];
  const plain = modelOf(
    [node('Conv', '', ['x', one], 'p'), node('Conv', '', ['x', two], 'q'), node('Add', '', ['p', 'q'], 'y')],
    [floats(one, [4, 3, 1, 1]), floats(two, [4, 3, 1, 1], 5)],
    [1, 3, 4, 4],
  );
  const { model, sites } = sitesOf(plain);
  expect(sites.map(({ path }) => path)).toEqual(['a.conv2', 'a.conv_shortcut']);
  const x = feed([1, 3, 4, 4], 3);
  const feeds = Object.fromEntries(
    sites
      .flatMap(({ a, b }) => [a, b])
      .map(({ input, dims }) => [
        input,
        new ort.Tensor(new Float32Array(dims.reduce((p, q) => p * q)), dims),
      ]),
  );
  const base = await run(plain, { x });
  expect(await run(model, { ...feeds, x })).toEqual(base);
  for (const { a, b } of sites) {
    const on = await run(model, { ...feeds, x, [a.input]: feed(a.dims, 1), [b.input]: feed(b.dims, 2) });
    expect(on).not.toEqual(base);
  }
});

test('what has no path, no fixed weight, or another group of channels has no branch', () => {
  const noPath = modelOf([node('MatMul', 'MatMul_3', ['x', 'w'], 'y')], [floats('w', [K, N])], [2, K]);
  const scores = modelOf([node('MatMul', '/attn/MatMul', ['x', 'x'], 'y')], [], [K, K]);
  const depthwise = modelOf(
    [node('Conv', '/a/conv/Conv', ['x', CONV], 'y', [int('group', 3)])],
    [floats(CONV, [3, 1, 3, 3])],
    [1, 3, 8, 8],
  );
  for (const model of [noPath, scores, depthwise]) expect(findLayers(model.graph!)).toEqual([]);
  expect(insertLora(noPath, { rank: 0, wants: () => true })).toEqual({ ok: false, reason: '0 is no rank' });
});

test('the layers of the shipped model have the paths of its modules', () => {
  const file = new URL('../../../../public/models/starter/transformer/model.onnx', import.meta.url);
  const paths = findLayers(readModel(new Uint8Array(readFileSync(file))).graph!).map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
  for (const path of [
    'transformer_blocks.0.attn1.to_q',
    'transformer_blocks.5.attn2.to_out.0',
    'down_blocks.0.conv1',
  ])
    expect(paths).toContain(path);
});

test.each([
  ['down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_out.0', 'attention'],
  ['input_blocks_4_1_transformer_blocks_0_attn1_to_k', 'attention'],
  ['encoder_layers_0_self_attn_q_proj', 'attention'],
  ['transformer_blocks.3.attn.add_k_proj', 'attention'],
  ['transformer_blocks_3_ff_net_0_proj', 'blocks'],
  ['text_model.encoder.layers.0.mlp.fc1', 'blocks'],
  ['mid_block.attentions.0.proj_in', 'blocks'],
  ['down_blocks.0.resnets.0.conv1', 'rest'],
  ['input_blocks_1_0_in_layers_2', 'rest'],
  ['time_embedding.linear_1', 'rest'],
])('%s is of the group %s', (path, group) => {
  expect(layerGroup(path)).toBe(group);
});
