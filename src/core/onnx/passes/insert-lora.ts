/**
 * A plain graph → the same graph with a low-rank branch beside layers: y = W·x + bias + B·(A·x), where A and B are
 * graph inputs (Hu et al. 2021, eq. 3; the scale is folded into B). With zeros in them the branch adds exact zeros.
 *
 * The branch joins after the addition that follows a layer (a product's bias, a convolution's residual), which changes
 * nothing in the sum: runtimes fuse the two, and a base that is fused in one graph and not in the other would differ
 * in its last bits.
 */
import { freshNames } from '../graph.ts';
import type { Attribute, Graph, Model, Node, ValueInfo } from '../model.ts';
import { ElementType } from '../tensor.ts';
import { findLayers, type LayerSite } from './lora-sites.ts';
import { ValueTypes } from './types.ts';

/** A layer with a branch, and what its inputs hold. */
export interface LoraSite {
  path: string;
  kind: 'linear' | 'conv';
  inFeatures: number;
  outFeatures: number;
  kernel: readonly [number, number];
  rank: number;
  type: 'float32' | 'float16';
  /** linear: [inFeatures, rank]; conv: [rank, inFeatures, height, width] */
  a: { input: string; dims: readonly number[] };
  /** linear: [rank, outFeatures]; conv: [outFeatures, rank, 1, 1] */
  b: { input: string; dims: readonly number[] };
}

export interface InsertLoraOptions {
  /** Rank of every branch, at least 1: the GPU path does not survive empty tensors. */
  rank: number;
  wants: (layer: LayerSite) => boolean;
}

export type InsertLoraResult = { ok: true; model: Model; sites: LoraSite[] } | { ok: false; reason: string };

/** @returns a new model (unchanged parts are shared with the old one) and its sites in graph order */
export function insertLora(model: Model, { rank, wants }: InsertLoraOptions): InsertLoraResult {
  if (!model.graph) return { ok: false, reason: 'the model holds no graph' };
  if (!Number.isSafeInteger(rank) || rank < 1) return { ok: false, reason: `${rank} is no rank` };
  const { graph } = model;
  const types = new ValueTypes(graph);
  for (const node of graph.nodes) types.addOutputs(node);
  const fresh = freshNames(graph);
  const sites: LoraSite[] = [];
  const siteOf = new Map<Node, LoraSite>();
  for (const layer of findLayers(graph)) {
    if (!wants(layer)) continue;
    const site = makeSite(layer, rank, types, fresh);
    if (site === null) continue;
    sites.push(site);
    for (const node of layer.nodes) siteOf.set(node, site);
  }
  const sums = sumsAfter(graph);
  const nodes: Node[] = [];
  /** Nodes after which branches join → the layers' nodes: two convolutions may meet in one sum. */
  const ends = new Map<Node, Node[]>();
  for (const node of siteOf.keys()) {
    const end = sums.get(node) ?? node;
    ends.set(end, [...(ends.get(end) ?? []), node]);
  }
  for (const node of graph.nodes) {
    const branches = (ends.get(node) ?? []).map((layer) => branch(layer, siteOf.get(layer)!, fresh));
    nodes.push(...(branches.length === 0 ? [node] : joined(node, branches, fresh)));
  }
  const inputs = [...graph.inputs, ...sites.flatMap(borders)];
  return { ok: true, model: { ...model, graph: { ...graph, nodes, inputs } }, sites };
}

/** @returns null where the layer computes in neither float32 nor float16 */
function makeSite(
  { path, kind, inFeatures, outFeatures, kernel, nodes }: LayerSite,
  rank: number,
  types: ValueTypes,
  fresh: (wish: string) => string,
): LoraSite | null {
  const found = nodes.map((node) => types.of(node.inputs[0] ?? ''));
  const half = found.every((type) => type === ElementType.float16);
  if (!half && !found.every((type) => type === ElementType.float)) return null;
  return {
    path,
    kind,
    inFeatures,
    outFeatures,
    kernel,
    rank,
    type: half ? 'float16' : 'float32',
    a: {
      input: fresh(`lora_A.${path}`),
      dims: kind === 'linear' ? [inFeatures, rank] : [rank, inFeatures, ...kernel],
    },
    b: {
      input: fresh(`lora_B.${path}`),
      dims: kind === 'linear' ? [rank, outFeatures] : [outFeatures, rank, 1, 1],
    },
  };
}

/** Products whose only reader adds a bias to them, convolutions whose only reader adds anything → that addition. */
function sumsAfter(graph: Graph): Map<Node, Node> {
  const fixed = new Set(graph.initializers.map(({ name }) => name ?? ''));
  const answers = new Set(graph.outputs.map(({ name }) => name ?? ''));
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  }
  const found = new Map<Node, Node>();
  for (const node of graph.nodes) {
    const output = node.outputs[0] ?? '';
    const [reader, ...others] = readers.get(output) ?? [];
    if (reader?.opType !== 'Add' || others.length > 0 || answers.has(output)) continue;
    if (node.opType === 'Conv' || reader.inputs.some((input) => fixed.has(input))) found.set(node, reader);
  }
  return found;
}

/** B·(A·x), ending in a value of a new name. */
function branch(layer: Node, { kind, a, b }: LoraSite, fresh: (wish: string) => string): Node[] {
  const x = layer.inputs[0]!;
  const down = fresh(`${layer.outputs[0]!}/lora_A`);
  const up = fresh(`${layer.outputs[0]!}/lora_B`);
  if (kind === 'linear')
    return [makeNode('MatMul', [x, a.input], down, []), makeNode('MatMul', [down, b.input], up, [])];
  const strides = layer.attributes.filter(({ name }) => name !== 'group');
  return [
    makeNode('Conv', [x, a.input], down, strides),
    makeNode('Conv', [down, b.input], up, [kernelShape(1, 1)]),
  ];
}

/** A node, the branches that join after it, and the sums; the last has the name that the node's readers know. */
function joined(end: Node, branches: Node[][], fresh: (wish: string) => string): Node[] {
  const y = end.outputs[0]!;
  let sum = fresh(`${y}/base`);
  const nodes = [{ ...end, outputs: [sum, ...end.outputs.slice(1)] }];
  for (const [i, branchNodes] of branches.entries()) {
    const next = i === branches.length - 1 ? y : fresh(`${y}/sum`);
    nodes.push(...branchNodes, makeNode('Add', [sum, branchNodes.at(-1)!.outputs[0]!], next, []));
    sum = next;
  }
  return nodes;
}

function makeNode(opType: string, inputs: string[], output: string, attributes: Attribute[]): Node {
  return { inputs, outputs: [output], name: `${output}/${opType}`, opType, attributes, unknown: [] };
}

const INTS = 7;

function kernelShape(...sides: number[]): Attribute {
  return {
    name: 'kernel_shape',
    ints: sides.map(BigInt),
    floats: [],
    strings: [],
    tensors: [],
    graphs: [],
    type: INTS,
    unknown: [],
  };
}

function borders({ a, b, type }: LoraSite): ValueInfo[] {
  const elemType = type === 'float16' ? ElementType.float16 : ElementType.float;
  return [a, b].map(({ input, dims }) => ({
    name: input,
    type: {
      tensor: {
        elemType,
        shape: { dims: dims.map((value) => ({ value, unknown: [] })), unknown: [] },
        unknown: [],
      },
      unknown: [],
    },
    unknown: [],
  }));
}
