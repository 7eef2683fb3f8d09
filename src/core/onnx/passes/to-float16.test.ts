import { existsSync, readdirSync, readFileSync } from 'node:fs';
// The oracle is the runtime itself, in its portable build; only tests may name it here.
// oxlint-disable-next-line no-restricted-imports
import * as ort from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { guardModel } from '../guard.ts';
import { type Model, type Node, readModel, writeModel } from '../model.ts';
import { ElementType } from '../tensor.ts';
import { convertExternal } from './float16-weights.ts';
import { toFloat16 } from './to-float16.ts';

interface Files {
  graph: Uint8Array;
  external: Map<string, Uint8Array>;
}

const repo = new URL('../../../../', import.meta.url);
const fixtures = new URL('fixtures/', import.meta.url);

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
});

function load(graph: URL): Files {
  const folder = new URL('.', graph);
  const names = readdirSync(folder).filter((name) => !/\.(onnx|json)$/.test(name));
  const external = new Map(names.map((name) => [name, new Uint8Array(readFileSync(new URL(name, folder)))]));
  return { graph: new Uint8Array(readFileSync(graph)), external };
}

function convert({ graph, external }: Files) {
  const result = toFloat16(readModel(graph));
  if (!result.ok) throw new Error(result.reason);
  const { plan } = result;
  const { bytes, losses } = convertExternal(plan, (location, offset, length) =>
    external.get(location)!.subarray(offset, offset + length),
  );
  const files = new Map(external);
  if (plan.sizeBytes > 0) files.set(plan.location, bytes);
  return { ...result, losses, files: { graph: writeModel(result.model), external: files } };
}

const wave = (i: number): number => 2 * Math.sin(i * 12.9898 + 1) * Math.cos(i * 0.37);

/** Sides that a graph may leave open and yet halves, and what is seen of the past and the new; every other open dimension
 * takes any number. */
const SIDES: Readonly<Record<string, number>> = {
  batch: 2,
  context_batch: 2,
  bias_batch: 2,
  height: 32,
  width: 32,
  latent_height: 8,
  latent_width: 4,
  total: 2 * 77,
};

/** Values in a repeatable spread of about -2..2; `timestep` as a sampler gives it. */
function feedsOf(session: ort.InferenceSession): Record<string, ort.Tensor> {
  const feeds: Record<string, ort.Tensor> = {};
  for (const input of session.inputMetadata) {
    if (!input.isTensor) throw new Error(`${input.name} is no tensor`);
    const dims = input.shape.map((dim) => (typeof dim === 'number' ? dim : (SIDES[dim] ?? 77)));
    const count = dims.reduce((a, b) => a * b, 1);
    const most = input.name.includes('position') ? 32 : 50;
    const whole = (i: number): number => (input.name.includes('keep') ? Number(i < 4) : (i * 7) % most);
    const value = input.name === 'timestep' ? () => 713 : wave;
    feeds[input.name] =
      input.type === 'int64'
        ? new ort.Tensor(
            'int64',
            BigInt64Array.from({ length: count }, (_, i) => BigInt(whole(i))),
            dims,
          )
        : input.type === 'int32'
          ? new ort.Tensor(
              'int32',
              Int32Array.from({ length: count }, (_, i) => whole(i)),
              dims,
            )
          : new ort.Tensor(
              'float32',
              Float32Array.from({ length: count }, (_, i) => value(i)),
              dims,
            );
  }
  return feeds;
}

async function run({ graph, external }: Files): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(graph, {
    externalData: [...external].map(([path, data]) => ({ path, data })),
  });
  try {
    return (await session.run(feedsOf(session))) as Record<string, ort.Tensor>;
  } finally {
    await session.release();
  }
}

/** ‖a − b‖ / ‖b‖ over every output. */
async function relativeError(changed: Files, original: Files): Promise<number> {
  const [actual, expected] = [await run(changed), await run(original)];
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  let difference = 0;
  let size = 0;
  for (const [name, tensor] of Object.entries(expected)) {
    expect(actual[name]!.type).toBe(tensor.type);
    expect(actual[name]!.dims).toEqual(tensor.dims);
    const [a, b] = [actual[name]!.data as Float32Array, tensor.data as Float32Array];
    for (const [i, value] of b.entries()) {
      difference += (a[i]! - value) ** 2;
      size += value ** 2;
    }
  }
  return Math.sqrt(difference / size);
}

/** The same graph with these values as its outputs, so that the runtime computes and types them. */
function exposing(model: Model, names: readonly string[], elemType: number): Uint8Array {
  const outputs = names.map((name) => ({
    name,
    type: { tensor: { elemType, unknown: [] }, unknown: [] },
    unknown: [],
  }));
  return writeModel({ ...model, graph: { ...model.graph!, outputs } });
}

const PRODUCTS = ['MatMul', 'MatMulNBits', 'Conv', 'ConvTranspose', 'DequantizeLinear'];
const outputsOf = (model: Model, opTypes: readonly string[]): string[] =>
  model.graph!.nodes.filter((n) => opTypes.includes(n.opType!)).map((n) => n.outputs[0]!);
const nodeOf = (model: Model, opType: string): Node => model.graph!.nodes.find((n) => n.opType === opType)!;
const makerOf = (model: Model, name: string): Node =>
  model.graph!.nodes.find((n) => n.outputs.includes(name))!;

describe.each(['mlp', 'conv', 'attention', 'loud-norm'])('%s', (name) => {
  const files = load(new URL(`${name}.onnx`, fixtures));

  test('answers the same within 1 %', async () => {
    expect(await relativeError(convert(files).files, files)).toBeLessThan(0.01);
  });

  test('computes its products in float16: the runtime says so of every one', async () => {
    const { model, files: halves } = convert(files);
    // The embedding of the timestep is the one product that stays.
    const names = outputsOf(model, PRODUCTS).filter(
      (output) => !makerOf(model, output).inputs[0]!.startsWith('concat'),
    );
    const graph = exposing(model, names, ElementType.float16);
    const types = Object.entries(await run({ ...halves, graph }));
    expect(types.length).toBe(names.length);
    expect(types.length).toBeGreaterThan(0);
    expect(types.filter(([, tensor]) => tensor.type !== 'float16')).toEqual([]);
  });

  test('passes the guard, converts only once, and leaves the model it was given alone', () => {
    const before = readModel(files.graph);
    const converted = convert(files);
    const sizes = new Map([...converted.files.external].map(([path, bytes]) => [path, bytes.length]));
    expect(guardModel(converted.files.graph, { weights: sizes })).toMatchObject({ ok: true });
    expect(readModel(files.graph)).toEqual(before);
    expect(converted.losses).toMatchObject({ saturated: 0, flushed: 0 });
    const weightNames = converted.model.graph!.initializers.map((t) => t.name);
    expect(new Set(weightNames).size).toBe(weightNames.length);
  });
});

test('inputs and outputs keep their names and types', () => {
  const files = load(new URL('mlp.onnx', fixtures));
  const { model } = convert(files);
  const before = readModel(files.graph).graph!;
  expect(model.graph!.inputs).toEqual(before.inputs);
  expect(model.graph!.outputs).toEqual(before.outputs);
});

test('packed weights stay in their file; only the scales and plain weights are converted', () => {
  const files = load(new URL('mlp.onnx', fixtures));
  const { model, plan } = convert(files);
  const packed = model.graph!.initializers.filter((t) => t.dataType === ElementType.uint8);
  expect(packed).toHaveLength(2);
  expect(packed.every((t) => t.externalData[0]!.value === 'mlp.onnx.data')).toBe(true);
  expect(plan.location).toBe('float16.data');
  expect(plan.tensors.map((t) => t.length / 4)).toEqual([256, 128, 256]);
  const scales = model.graph!.initializers.find((t) => t.name === nodeOf(model, 'MatMulNBits').inputs[2])!;
  expect(scales.dataType).toBe(ElementType.float16);
});

test('the angles of a timestep stay in float32 up to the first product', () => {
  const { model } = convert(load(new URL('mlp.onnx', fixtures)));
  const sine = nodeOf(model, 'Sin');
  expect(makerOf(model, sine.inputs[0]!).opType).toBe('Mul');
  expect(makerOf(model, makerOf(model, sine.inputs[0]!).inputs[0]!).opType).toBe('Unsqueeze');
});

test('sizes of a Resize stay float32; clip bounds saturate and are counted', () => {
  const { model, report } = convert(load(new URL('conv.onnx', fixtures)));
  const typeOf = (name: string): number => model.graph!.initializers.find((t) => t.name === name)!.dataType!;
  expect(typeOf(nodeOf(model, 'Resize').inputs[2]!)).toBe(ElementType.float);
  expect(typeOf(nodeOf(model, 'Pad').inputs[2]!)).toBe(ElementType.float16);
  expect(report.losses.saturated).toBe(2);
  expect(makerOf(model, 'y').opType).toBe('Cast');
});

describe('a norm whose squares pass 65504', () => {
  const files = load(new URL('loud-norm.onnx', fixtures));
  const { model, files: halves } = convert(files);

  test('keeps them in float32 and finite', async () => {
    const graph = exposing(model, ['square_Mul', 'square_Pow'], ElementType.float);
    for (const tensor of Object.values(await run({ ...halves, graph }))) {
      const data = tensor.data as Float32Array;
      expect(Math.max(...data)).toBeGreaterThan(65504);
      expect(data.every(Number.isFinite)).toBe(true);
    }
  });

  test('would be infinite in float16', async () => {
    const nodes = [...model.graph!.nodes];
    const square = nodes.findIndex((node) => node.outputs.includes('square_Mul'));
    nodes[square] = { ...nodes[square]!, inputs: ['loud', 'loud'] };
    const forced = { ...model, graph: { ...model.graph!, nodes: nodes.slice(0, square + 1) } };
    const answer = await run({ ...halves, graph: exposing(forced, ['square_Mul'], ElementType.float16) });
    const infinite = [...(answer['square_Mul']!.data as Uint16Array)].filter((bits) => bits === 0x7c00);
    expect(infinite.length).toBeGreaterThan(0);
  });
});

const refusal = (change: (model: Model) => void): string => {
  const model = readModel(load(new URL('mlp.onnx', fixtures)).graph);
  change(model);
  const result = toFloat16(model);
  return result.ok ? 'converted' : result.reason;
};

describe('what it cannot convert it names', () => {
  test('a subgraph', () => {
    const file = readFileSync(new URL('e2e/models/hostile/hang.onnx', repo));
    expect(toFloat16(readModel(file))).toMatchObject({
      reason: expect.stringMatching(/Loop .*graph of its own/),
    });
  });
  test('an operator it does not know', () => {
    expect(refusal((m) => (m.graph!.nodes[0]!.opType = 'NonMaxSuppression'))).toMatch(
      /NonMaxSuppression .*not known/,
    );
  });
  test('nodes out of order', () => {
    expect(refusal((m) => (m.graph!.nodes = m.graph!.nodes.toReversed()))).toMatch(/before it is made/);
  });
});

/**
 * Every part of the repository's models. The tiny ones have random weights with raised gains, which enlarge any
 * rounding (the weights' alone to 0.3 %), so they are allowed twice what the fixtures are.
 */
function parts(): [string, URL][] {
  return ['e2e/models/', 'public/models/'].flatMap((root) => {
    const folder = new URL(root, repo);
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('/model.onnx') && !/^(tiny-nan|tiny-hang)\//.test(path))
      .map((path) => [path, new URL(path, folder)] as [string, URL]);
  });
}

describe.each(parts())('%s', (_, url) => {
  test('answers the same in float16 within 2 %', async () => {
    const files = load(url);
    expect(await relativeError(convert(files).files, files)).toBeLessThan(0.02);
  }, 120_000);
});
