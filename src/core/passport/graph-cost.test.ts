import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { type Manifest, parseManifest } from '../models/manifest.ts';
import { type Attribute, type Graph, type Node, readModel, type Tensor } from '../onnx/model.ts';
import { ElementType } from '../onnx/tensor.ts';
import { countCost } from './graph-cost.ts';
import { inferShapes } from './graph-shapes.ts';
import { costOfPart, defaultWorkload, inputSizes, partRuns, pictureParts } from './model-cost.ts';

const ROOT = join(import.meta.dirname, '../../..');

function node(
  opType: string,
  inputs: string[],
  outputs: string[],
  ints: Record<string, number[]> = {},
): Node {
  const attributes: Attribute[] = Object.entries(ints).map(([name, values]) => ({
    name,
    ...(values.length === 1 ? { i: BigInt(values[0]!) } : {}),
    floats: [],
    ints: values.map(BigInt),
    strings: [],
    tensors: [],
    graphs: [],
    unknown: [],
  }));
  return { opType, inputs, outputs, attributes, unknown: [] };
}

function tensor(name: string, dims: number[], values: number[] | null = null): Tensor {
  const of = { dims, name, floatData: [], int32Data: [], externalData: [], unknown: [] };
  return values === null
    ? { ...of, dataType: ElementType.float, int64Data: [], dataLocation: 1 }
    : { ...of, dataType: ElementType.int64, int64Data: values.map(BigInt) };
}

function graph(nodes: Node[], initializers: Tensor[] = []): Graph {
  const inputs = [{ name: 'x', unknown: [] }];
  const outputs = [{ name: 'y', unknown: [] }];
  return { nodes, initializers, inputs, outputs, valueInfo: [], unknown: [] };
}

function shapeOfY(nodes: Node[], x: number[], initializers: Tensor[] = []) {
  return inferShapes(graph(nodes, initializers), new Map([['x', x]])).of('y');
}

describe('sizes', () => {
  test.each<[string, Node, number[], Tensor[], number[] | null]>([
    [
      'Conv',
      node('Conv', ['x', 'w'], ['y'], { strides: [2, 2], pads: [1, 1, 1, 1] }),
      [1, 4, 64, 64],
      [tensor('w', [8, 4, 3, 3])],
      [1, 8, 32, 32],
    ],
    [
      'ConvTranspose',
      node('ConvTranspose', ['x', 'w'], ['y'], { strides: [2, 2] }),
      [1, 4, 8, 8],
      [tensor('w', [4, 3, 2, 2])],
      [1, 3, 16, 16],
    ],
    ['MatMul', node('MatMul', ['x', 'w'], ['y']), [2, 7, 5], [tensor('w', [5, 3])], [2, 7, 3]],
    [
      'MatMul that does not go together',
      node('MatMul', ['x', 'w'], ['y']),
      [2, 7, 5],
      [tensor('w', [4, 3])],
      null,
    ],
    ['Reshape', node('Reshape', ['x', 's'], ['y']), [2, 6, 5], [tensor('s', [3], [0, -1, 10])], [2, 3, 10]],
    ['Transpose', node('Transpose', ['x'], ['y'], { perm: [0, 2, 1] }), [2, 6, 5], [], [2, 5, 6]],
    [
      'Slice from the end',
      node('Slice', ['x', 'a', 'b', 'c'], ['y']),
      [2, 6],
      [tensor('a', [1], [-4]), tensor('b', [1], [1000]), tensor('c', [1], [1])],
      [2, 4],
    ],
    ['Unsqueeze', node('Unsqueeze', ['x', 'a'], ['y']), [2, 6], [tensor('a', [2], [0, 3])], [1, 2, 6, 1]],
    [
      'DepthToSpace',
      { ...node('DepthToSpace', ['x'], ['y'], { blocksize: [2] }) },
      [1, 12, 4, 4],
      [],
      [1, 3, 8, 8],
    ],
    ['an operator nobody knows', node('Mystery', ['x'], ['y']), [1, 2], [], null],
  ])('%s', (_, one, x, initializers, expected) => {
    expect(shapeOfY([one], x, initializers)).toEqual(expected);
  });

  it('follows arithmetic on sizes to a Reshape, as exports of dynamic graphs write it', () => {
    const nodes = [
      node('Shape', ['x'], ['s']),
      node('Gather', ['s', 'zero'], ['batch']),
      node('Gather', ['s', 'one'], ['tokens']),
      node('Mul', ['batch', 'tokens'], ['rows']),
      node('Concat', ['rows', 'rest'], ['shape'], { axis: [0] }),
      node('Reshape', ['x', 'shape'], ['y']),
    ];
    const constants = [tensor('zero', [1], [0]), tensor('one', [1], [1]), tensor('rest', [1], [-1])];
    expect(shapeOfY(nodes, [2, 77, 768], constants)).toEqual([154, 768]);
  });
});

describe('cost', () => {
  it('counts a fused multiplication and addition as two, and a convolution by its outputs', () => {
    const nodes = [
      node('Conv', ['x', 'k'], ['c'], { pads: [1, 1, 1, 1] }),
      node('Reshape', ['c', 's'], ['r']),
      node('MatMul', ['r', 'w'], ['y']),
    ];
    const cost = countCost(
      graph(nodes, [tensor('k', [8, 4, 3, 3]), tensor('s', [2], [8, 256]), tensor('w', [256, 10])]),
      new Map([['x', [1, 4, 16, 16]]]),
    );
    expect(cost.convFlops).toBe(2 * 8 * 256 * 4 * 9);
    expect(cost.matmulFlops).toBe(2 * 8 * 10 * 256);
    expect(cost.nodes).toBe(2);
    expect(cost.largestWeightBytes).toBe(256 * 10 * 4);
    // The input and the convolution's answer; the reshape is a view of it.
    expect(cost.peakActivationBytes).toBe((4 * 256 + 8 * 256) * 4);
    expect(cost.uncounted).toBe(0);
  });

  it('says how many products it could not count, instead of guessing', () => {
    const nodes = [node('Mystery', ['x'], ['m']), node('MatMul', ['m', 'w'], ['y'])];
    expect(countCost(graph(nodes, [tensor('w', [4, 4])]), new Map([['x', [4, 4]]])).uncounted).toBe(1);
  });
});

function open(folder: string): { manifest: Manifest; graph: (part: string) => Graph } {
  const read = (path: string) => readFileSync(join(ROOT, folder, path));
  const parsed = parseManifest(JSON.parse(read('manifest.json').toString()));
  if (!parsed.ok) throw new Error(parsed.reason);
  const { manifest } = parsed;
  return { manifest, graph: (part) => readModel(read(manifest.parts[part]!.variants[0]!.graph)).graph! };
}

const FOLDERS = ['public/models/starter'].concat(
  ['plain', 'sd', 'sdxl', 'flow', 'lcm'].map((name) => `e2e/models/tiny-${name}`),
);

/** Named dimensions of our exports at the model's default size; every other name stands for one. */
function named({ latent, sizes: { default: size } }: Manifest): Record<string, number> {
  return {
    height: size.heightPx,
    width: size.widthPx,
    latent_height: size.heightPx / latent.downscale,
    latent_width: size.widthPx / latent.downscale,
  };
}

test.each(FOLDERS)(
  '%s: every product of every part is counted, and its answer has the size it declares',
  (folder) => {
    const { manifest, graph: graphOf } = open(folder);
    for (const part of pictureParts(manifest)) {
      const one = graphOf(part);
      const cost = costOfPart(manifest, part, one, manifest.sizes.default);
      expect(cost.uncounted, part).toBe(0);
      expect(cost.peakActivationBytes, part).toBeGreaterThan(0);
      const shapes = inferShapes(one, inputSizes(manifest, part, one, manifest.sizes.default));
      for (const { name, type } of one.outputs) {
        const declared = type?.tensor?.shape?.dims.map(
          (dim) => dim.value ?? named(manifest)[dim.param ?? ''] ?? 1,
        );
        expect(shapes.of(name ?? ''), `${part} ${name}`).toEqual(declared);
      }
    }
  },
);

test('guidance runs the network twice, and a second-order sampler twice a step but the last', () => {
  const { manifest } = open('public/models/starter');
  const work = { ...defaultWorkload(manifest), steps: 4, guidanceScale: 2 };
  expect(partRuns(manifest, work)).toEqual({ 'text-encoder': 2, transformer: 8, 'vae-decoder': 1 });
  expect(partRuns(manifest, { ...work, guidanceScale: 1 }).transformer).toBe(4);
  expect(partRuns(manifest, { ...work, sampler: 'heun' }).transformer).toBe(14);
});
