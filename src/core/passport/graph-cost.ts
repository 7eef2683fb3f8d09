/** What one run of a graph costs: arithmetic, memory traffic, memory held. Counted, not measured. */
import type { Graph, Node } from '../onnx/model.ts';
import { ElementType, elementCount, rawSizeBytes } from '../onnx/tensor.ts';
import { type Dims, inferShapes, type Shapes } from './graph-shapes.ts';
import { attributeInt, attributeText } from './shape-rules.ts';

export interface GraphCost {
  /** Multiplications and additions of matrix products; a fused pair counts as two. */
  matmulFlops: number;
  /** The same of convolutions, which run at another speed. */
  convFlops: number;
  /** Bytes that the other operators read and write, at 4 bytes a value. */
  movedBytes: number;
  /** Operators that compute; reshapes move nothing. */
  nodes: number;
  weightBytes: number;
  /** Of those, what matrix products read as float32: the CPU keeps a second, packed copy of it. */
  packedBytes: number;
  /** The single largest weight: it has to fit into one buffer. */
  largestWeightBytes: number;
  /** The most bytes of intermediate values that live at once, at 4 bytes a value. */
  peakActivationBytes: number;
  /** Matrix products and convolutions whose sizes could not be worked out: then the rest is a lower bound. */
  uncounted: number;
}

const VALUE_BYTES = 4;
/** Answer the same bytes under another shape. */
const VIEWS = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Identity', 'Dropout']);
const FREE = new Set([...VIEWS, 'Constant', 'Shape', 'Size']);
const MATMULS = new Set(
  'MatMul FusedMatMul Gemm MatMulNBits Einsum Attention MultiHeadAttention GroupQueryAttention'.split(' '),
);
/** Whose weights the CPU lays out anew when the graph is opened. */
const PACKED = new Set(['MatMul', 'FusedMatMul', 'Gemm']);
const CONVS = new Set(['Conv', 'FusedConv', 'ConvTranspose']);

/** @param inputs sizes of the graph's inputs, by name */
export function countCost(graph: Graph, inputs: ReadonlyMap<string, Dims>): GraphCost {
  const shapes = inferShapes(graph, inputs);
  const weights = graph.initializers.map((tensor) => rawSizeBytes(tensor) ?? 0);
  const cost: GraphCost = {
    matmulFlops: 0,
    convFlops: 0,
    movedBytes: 0,
    nodes: 0,
    weightBytes: weights.reduce((sum, size) => sum + size, 0),
    packedBytes: packedBytes(graph),
    largestWeightBytes: weights.reduce((most, size) => Math.max(most, size), 0),
    peakActivationBytes: peakActivations(graph, shapes),
    uncounted: 0,
  };
  for (const node of graph.nodes) {
    const op = node.opType ?? '';
    if (FREE.has(op)) continue;
    cost.nodes += 1;
    if (MATMULS.has(op) || CONVS.has(op)) {
      const flops = MATMULS.has(op) ? matmulFlops(node, op, shapes) : convFlops(node, op, shapes);
      if (flops === null) cost.uncounted += 1;
      else if (MATMULS.has(op)) cost.matmulFlops += flops;
      else cost.convFlops += flops;
    } else {
      for (const name of [...node.inputs, ...node.outputs]) cost.movedBytes += valueBytes(name, shapes);
    }
  }
  return cost;
}

function packedBytes(graph: Graph): number {
  const floats = new Map(
    graph.initializers
      .filter(({ dataType }) => dataType === ElementType.float)
      .map((tensor) => [tensor.name, rawSizeBytes(tensor) ?? 0] as const),
  );
  let bytes = 0;
  for (const { opType, inputs } of graph.nodes) {
    const weight = PACKED.has(opType ?? '') ? floats.get(inputs[1]) : undefined;
    bytes += weight ?? 0;
  }
  return bytes;
}

function valueBytes(name: string, shapes: Shapes): number {
  const dims = name === '' ? null : shapes.of(name);
  return dims === null ? 0 : elementCount(dims) * VALUE_BYTES;
}

function matmulFlops(node: Node, op: string, shapes: Shapes): number | null {
  const answer = shapes.of(node.outputs[0] ?? '');
  const a = shapes.of(node.inputs[0] ?? '');
  const b = shapes.of(node.inputs[1] ?? '');
  if (answer === null || a === null) return null;
  const outputs = elementCount(answer);
  switch (op) {
    case 'Gemm':
      return 2 * outputs * (a[attributeInt(node, 'transA', 0) === 1 ? 0 : 1] ?? 0);
    case 'Einsum':
      return einsumFlops(attributeText(node, 'equation'), [a, b]);
    case 'Attention': {
      if (b === null || a.length !== 3) return null;
      const [batch = 1, tokens = 1, width = 1] = a;
      return 2 * batch * tokens * width * (b[1] ?? 0) + 4 * outputs * tokens;
    }
    case 'MultiHeadAttention':
    case 'GroupQueryAttention':
      // Scores and their product with the values: each token of the query meets each of the keys.
      return b === null ? null : 4 * outputs * (b.at(-2) ?? 1);
    default:
      return 2 * outputs * (a.at(-1) ?? 1);
  }
}

/** Every letter of the equation is one loop. */
function einsumFlops(equation: string, given: readonly (Dims | null)[]): number | null {
  const terms = (equation.replace(/\s/g, '').split('->')[0] ?? '').split(',');
  const loops = new Map<string, number>();
  for (const [k, term] of terms.entries()) {
    const dims = given[k];
    if (!dims || term.includes('.')) return null;
    for (const [axis, letter] of [...term].entries()) loops.set(letter, dims[axis] ?? 1);
  }
  return 2 * elementCount([...loops.values()]);
}

function convFlops(node: Node, op: string, shapes: Shapes): number | null {
  const answer = shapes.of(node.outputs[0] ?? '');
  const input = shapes.of(node.inputs[0] ?? '');
  const weight = shapes.of(node.inputs[1] ?? '');
  if (answer === null || input === null || weight === null) return null;
  // A transposed convolution spreads each of its inputs, a plain one gathers for each of its outputs.
  const spread = op === 'ConvTranspose' ? input : answer;
  return 2 * elementCount(spread) * elementCount(weight.slice(1));
}

/** Values live from the operator that makes them to the last that reads them; a view keeps its source alive. */
function peakActivations(graph: Graph, shapes: Shapes): number {
  const sourceOf = new Map<string, string>();
  const source = (name: string) => sourceOf.get(name) ?? name;
  for (const node of graph.nodes) {
    const [from, to] = [node.inputs[0], node.outputs[0]];
    if (VIEWS.has(node.opType ?? '') && from && to) sourceOf.set(to, source(from));
  }
  const lastUse = new Map<string, number>();
  for (const [at, node] of graph.nodes.entries()) {
    for (const name of node.inputs) if (name) lastUse.set(source(name), at);
  }
  for (const { name } of graph.outputs) if (name) lastUse.set(source(name), graph.nodes.length);

  const weights = new Set(graph.initializers.map(({ name }) => name));
  const live = new Map<string, number>();
  let liveBytes = 0;
  const begin = (name: string) => {
    if (weights.has(name) || live.has(name)) return;
    const bytes = valueBytes(name, shapes);
    live.set(name, bytes);
    liveBytes += bytes;
  };
  for (const { name } of graph.inputs) if (name) begin(name);
  let peak = liveBytes;
  for (const [at, node] of graph.nodes.entries()) {
    if (!FREE.has(node.opType ?? '')) for (const name of node.outputs) if (name) begin(name);
    peak = Math.max(peak, liveBytes);
    for (const used of new Set([...node.inputs, ...node.outputs].map(source))) {
      if ((lastUse.get(used) ?? at) > at) continue;
      liveBytes -= live.get(used) ?? 0;
      live.delete(used);
    }
  }
  return peak;
}
