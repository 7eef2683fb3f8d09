/**
 * The size of every value of a graph, once its inputs have sizes. What an operator in no list answers has no
 * known size, and neither has what follows from it alone: nothing is guessed.
 */
import type { Attribute, Graph, Node, Tensor } from '../onnx/model.ts';
import { ElementType, elementCount, inlineFloats } from '../onnx/tensor.ts';
import {
  attributeInt,
  attributeInts,
  attributeText,
  broadcast,
  convolved,
  deconvolved,
  einsum,
  multiplied,
  reduced,
  reshaped,
  resized,
  sliced,
} from './shape-rules.ts';

export type Dims = readonly number[];

export interface Shapes {
  /** Sizes of the values that have one, inputs and weights included. */
  of(name: string): Dims | null;
}

/** Beyond this a constant is data, not a size that another operator reads. */
const MAX_VALUES = 64;

const LIKE_FIRST = new Set(
  `Abs BatchNormalization BiasGelu Cast CastLike Ceil Celu Clip Cos CumSum DequantizeLinear Dropout Elu Erf Exp
  FastGelu Floor Gelu GroupNorm GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization IsInf IsNaN
  LayerNormalization LeakyRelu Log LogSoftmax LpNormalization MeanVarianceNormalization Mish MultiHeadAttention Neg
  Not PRelu QuantizeLinear QuickGelu RMSNormalization Reciprocal Relu RotaryEmbedding Round ScatterElements
  ScatterND Selu Sigmoid Sign SimplifiedLayerNormalization Sin SkipGroupNorm SkipLayerNormalization
  SkipSimplifiedLayerNormalization Softmax Softplus Softsign Sqrt Swish Tanh ThresholdedRelu Trilu`.split(
    /\s+/,
  ),
);

const BROADCASTING = new Set(
  `Add And BiasAdd Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or Pow Sub Sum Where
  Xor`.split(/\s+/),
);

/** @param inputs sizes of the graph's inputs, by name */
export function inferShapes(graph: Graph, inputs: ReadonlyMap<string, Dims>): Shapes {
  const walk = new ShapeWalk(inputs, graph.initializers);
  for (const node of graph.nodes) walk.visit(node);
  return { of: (name) => walk.dims.get(name) ?? null };
}

class ShapeWalk {
  readonly dims = new Map<string, Dims>();
  /** Whole numbers that are known beforehand: sizes, axes, positions. */
  readonly #values = new Map<string, readonly number[]>();

  constructor(inputs: ReadonlyMap<string, Dims>, initializers: readonly Tensor[]) {
    for (const [name, dims] of inputs) this.dims.set(name, dims);
    for (const tensor of initializers) this.#constant(tensor.name ?? '', tensor);
  }

  #constant(name: string, tensor: Tensor): void {
    this.dims.set(name, tensor.dims);
    const values = smallValues(tensor);
    if (values !== null) this.#values.set(name, values);
  }

  visit(node: Node): void {
    const op = node.opType ?? '';
    if (op === 'Constant') {
      const attribute = node.attributes.find((one) => one.t ?? one.name?.startsWith('value_'));
      if (attribute?.t) this.#constant(node.outputs[0] ?? '', attribute.t);
      else if (attribute) this.#plainConstant(node.outputs[0] ?? '', attribute);
      return;
    }
    const answers = this.#answer(node, op);
    for (const [index, dims] of answers.entries()) {
      const name = node.outputs[index];
      if (name && dims !== null && dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0))
        this.dims.set(name, dims);
    }
    const values = this.#valuesOf(node, op);
    const name = node.outputs[0];
    if (name && values !== null && values.length <= MAX_VALUES) this.#values.set(name, values);
  }

  #plainConstant(name: string, attribute: Attribute): void {
    const ints = attribute.name === 'value_int' ? [attribute.i ?? 0n] : attribute.ints;
    if (attribute.name === 'value_int') this.dims.set(name, []);
    else this.dims.set(name, [attribute.name === 'value_floats' ? attribute.floats.length : ints.length]);
    this.#values.set(name, attribute.name === 'value_floats' ? attribute.floats : ints.map(Number));
  }

  #value(node: Node, index: number): readonly number[] | null {
    return this.#values.get(node.inputs[index] ?? '') ?? null;
  }

  #answer(node: Node, op: string): (Dims | null)[] {
    const given = node.inputs.map((name) => (name ? (this.dims.get(name) ?? null) : null));
    const first = given[0] ?? null;
    if (LIKE_FIRST.has(op)) return node.outputs.map(() => first);
    if (BROADCASTING.has(op)) return [given.includes(null) ? null : broadcast(given as Dims[])];
    if (first === null) return op === 'ConstantOfShape' ? [this.#value(node, 0)] : [null];
    if (op.startsWith('Reduce') || op === 'ArgMax' || op === 'ArgMin') {
      return [reduced(first, attributeInts(node, 'axes') ?? this.#value(node, 1), node)];
    }
    switch (op) {
      case 'Conv':
      case 'FusedConv':
        return [convolved(first, given[1] ?? null, node)];
      case 'ConvTranspose':
        return [deconvolved(first, given[1] ?? null, node)];
      case 'MatMul':
      case 'FusedMatMul':
        return [multiplied(first, given[1] ?? null)];
      case 'MatMulNBits':
        return [[...first.slice(0, -1), attributeInt(node, 'N', 0)]];
      case 'Gemm': {
        const second = given[1];
        if (!second || first.length !== 2) return [null];
        const rows = first[attributeInt(node, 'transA', 0) === 1 ? 1 : 0]!;
        return [[rows, second[attributeInt(node, 'transB', 0) === 1 ? 0 : 1]!]];
      }
      case 'Attention': {
        // Microsoft's: the width of the packed projection is three times the answer's.
        const packed = given[1]?.[1];
        return [packed === undefined ? null : [...first.slice(0, -1), packed / 3]];
      }
      case 'Einsum':
        return [given.includes(null) ? null : einsum(attributeText(node, 'equation'), given as Dims[])];
      case 'Gather':
      case 'GatherBlockQuantized': {
        const at = axisOf(attributeInt(node, 'axis', 0), first.length);
        const indices = given[1] ?? null;
        return [indices === null ? null : [...first.slice(0, at), ...indices, ...first.slice(at + 1)]];
      }
      case 'Reshape':
        return [reshaped(first, this.#value(node, 1), attributeInt(node, 'allowzero', 0) === 1)];
      case 'Flatten': {
        const at = axisOf(attributeInt(node, 'axis', 1), first.length);
        return [[elementCount(first.slice(0, at)), elementCount(first.slice(at))]];
      }
      case 'Transpose': {
        const order = attributeInts(node, 'perm') ?? first.map((_, i) => first.length - 1 - i);
        return [order.map((axis) => first[axis] ?? 0)];
      }
      case 'Concat': {
        const at = axisOf(attributeInt(node, 'axis', 0), first.length);
        if (given.includes(null)) return [null];
        const joined = given.reduce((sum, dims) => sum + (dims?.[at] ?? 0), 0);
        return [first.map((dim, axis) => (axis === at ? joined : dim))];
      }
      case 'Split':
        return this.#split(node, first);
      case 'Slice':
        return [
          sliced(first, {
            starts: attributeInts(node, 'starts') ?? this.#value(node, 1),
            ends: attributeInts(node, 'ends') ?? this.#value(node, 2),
            axes: attributeInts(node, 'axes') ?? this.#value(node, 3),
            steps: this.#value(node, 4),
            hasAxes: Boolean(node.inputs[3]),
          }),
        ];
      case 'Unsqueeze': {
        const axes = attributeInts(node, 'axes') ?? this.#value(node, 1);
        if (axes === null) return [null];
        const rank = first.length + axes.length;
        const added = new Set(axes.map((axis) => axisOf(axis, rank)));
        const rest = [...first];
        return [Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (rest.shift() ?? 1)))];
      }
      case 'Squeeze': {
        const axes = attributeInts(node, 'axes') ?? this.#value(node, 1);
        if (axes === null && node.inputs[1]) return [null];
        const dropped = axes === null ? null : new Set(axes.map((axis) => axisOf(axis, first.length)));
        return [first.filter((dim, axis) => (dropped === null ? dim !== 1 : !dropped.has(axis)))];
      }
      case 'Expand': {
        const wanted = this.#value(node, 1);
        return [wanted === null ? null : broadcast([first, wanted])];
      }
      case 'Tile': {
        const times = this.#value(node, 1);
        return [times === null ? null : first.map((dim, axis) => dim * (times[axis] ?? 1))];
      }
      case 'Pad': {
        const pads = attributeInts(node, 'pads') ?? this.#value(node, 1);
        if (pads?.length !== 2 * first.length) return [null];
        return [first.map((dim, axis) => dim + pads[axis]! + pads[axis + first.length]!)];
      }
      case 'Resize':
        return [resized(first, { scales: this.#value(node, 2), sizes: this.#value(node, 3) })];
      case 'DepthToSpace':
      case 'SpaceToDepth': {
        const [batch = 1, channels = 1, height = 1, width = 1] = first;
        const block = attributeInt(node, 'blocksize', 1);
        const [c, s] = op === 'DepthToSpace' ? [1 / block ** 2, block] : [block ** 2, 1 / block];
        return [[batch, channels * c, height * s, width * s]];
      }
      case 'GlobalAveragePool':
        return [first.map((dim, axis) => (axis < 2 ? dim : 1))];
      case 'AveragePool':
      case 'MaxPool': {
        const kernel = attributeInts(node, 'kernel_shape');
        return [kernel === null ? null : convolved(first, [first[1] ?? 1, 1, ...kernel], node)];
      }
      case 'Shape':
        return [[first.length]];
      case 'Size':
        return [[]];
      default:
        return [null];
    }
  }

  #split(node: Node, first: Dims): (Dims | null)[] {
    const at = axisOf(attributeInt(node, 'axis', 0), first.length);
    const count = node.outputs.length;
    const even = Math.ceil((first[at] ?? 0) / count);
    const sizes = attributeInts(node, 'split') ?? this.#value(node, 1);
    return node.outputs.map((_, k) => {
      const last = (first[at] ?? 0) - even * (count - 1);
      const size = sizes === null ? (k === count - 1 ? last : even) : sizes[k];
      return size === undefined ? null : first.map((dim, axis) => (axis === at ? size : dim));
    });
  }

  /** Arithmetic on sizes, as exports of dynamic graphs do it before a Reshape. */
  #valuesOf(node: Node, op: string): readonly number[] | null {
    if (op === 'Shape') {
      const dims = this.dims.get(node.inputs[0] ?? '');
      if (dims === undefined) return null;
      return dims.slice(attributeInt(node, 'start', 0), attributeInt(node, 'end', dims.length));
    }
    const a = this.#value(node, 0);
    if (a === null) return null;
    switch (op) {
      case 'Cast':
      case 'Identity':
      case 'Reshape':
      case 'Squeeze':
      case 'Unsqueeze':
        return a;
      case 'Gather': {
        const indices = this.#value(node, 1);
        return indices === null ? null : indices.map((i) => a[i < 0 ? a.length + i : i] ?? Number.NaN);
      }
      case 'Slice': {
        const [start, end] = [this.#value(node, 1)?.[0], this.#value(node, 2)?.[0]];
        return start === undefined || end === undefined || node.inputs[4] ? null : a.slice(start, end);
      }
      case 'Concat': {
        const all = node.inputs.map((_, index) => this.#value(node, index));
        return all.includes(null) ? null : all.flatMap((one) => [...(one ?? [])]);
      }
      case 'Add':
      case 'Sub':
      case 'Mul':
      case 'Div': {
        const b = this.#value(node, 1);
        return b === null ? null : combine(op, a, b);
      }
      default:
        return null;
    }
  }
}

function combine(op: 'Add' | 'Sub' | 'Mul' | 'Div', a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
    const [x, y] = [a[a.length === 1 ? 0 : i] ?? Number.NaN, b[b.length === 1 ? 0 : i] ?? Number.NaN];
    if (op === 'Add') return x + y;
    if (op === 'Sub') return x - y;
    return op === 'Mul' ? x * y : Math.trunc(x / y);
  });
}

export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

function smallValues(tensor: Tensor): readonly number[] | null {
  const count = elementCount(tensor.dims);
  if (count > MAX_VALUES || tensor.dataLocation === 1) return null;
  const { rawData: raw } = tensor;
  switch (tensor.dataType) {
    case ElementType.int64:
      if (raw === undefined) return tensor.int64Data.map(Number);
      return raw.length === count * 8 ? wholeNumbers(raw, 8) : null;
    case ElementType.int32:
      if (raw === undefined) return tensor.int32Data;
      return raw.length === count * 4 ? wholeNumbers(raw, 4) : null;
    case ElementType.float:
      if (raw === undefined ? tensor.floatData.length !== count : raw.length !== count * 4) return null;
      return [...inlineFloats(tensor)];
    default:
      return null;
  }
}

function wholeNumbers(raw: Uint8Array, size: 4 | 8): number[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: raw.length / size }, (_, i) =>
    size === 8 ? Number(view.getBigInt64(i * 8, true)) : view.getInt32(i * 4, true),
  );
}
