/**
 * The layers of a graph that a LoRA adapter can sit beside, found by the module paths that exporters leave in
 * the names of nodes and initializers.
 */
import { producers } from '../graph.ts';
import type { Graph, Node, Tensor } from '../model.ts';
import { domainOf } from '../operators.ts';
import { findAttribute } from './types.ts';

/** One layer with weights: y = W·x (+ bias). */
export interface LayerSite {
  /** Dotted path of the module, as `down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q`. */
  path: string;
  kind: 'linear' | 'conv';
  inFeatures: number;
  outFeatures: number;
  /** [height, width]; [1, 1] for a linear layer. */
  kernel: readonly [number, number];
  /** The node that multiplies by the weight; a module that is called twice has two. */
  nodes: readonly Node[];
}

/**
 * Which adapters train a layer: nearly all train `attention`, many the other linear layers of the `blocks`, few the
 * `rest` (convolutions of residual blocks, embeddings of time). Branches cost time, so a graph gets whole groups.
 */
export type LayerGroup = 'attention' | 'blocks' | 'rest';

const ATTENTION =
  /(^|[._])(to_[qkv]|to_out[._]0|to_add_out|add_[qkv]_proj|[qkv]_proj|out_proj|query|key|value)$/;
const BLOCKS =
  /(^|[._])((single_)?transformer_blocks|layers|(double|single|joint)_blocks)[._]\d+[._]|(^|[._])proj_(in|out)$/;

/** @param path dotted, or with underscores as kohya writes it */
export function layerGroup(path: string): LayerGroup {
  if (ATTENTION.test(path)) return 'attention';
  return BLOCKS.test(path) ? 'blocks' : 'rest';
}

interface Weight {
  name: string;
  dims: readonly number[];
}

/** What an exporter or a quantizer puts behind a weight's name. */
const WEIGHT_NAME = /^(.+)\.weight(?:[._]?(?:Q\d+|q\d+|quant\w*|transposed|fp16|T))?$/;

/** @returns the layers in graph order, one entry a module path */
export function findLayers(graph: Graph): LayerSite[] {
  const weights = new WeightFinder(graph);
  const found = new Map<string, LayerSite>();
  for (const node of graph.nodes) {
    const layer = readLayer(node, weights);
    if (layer === null) continue;
    const known = found.get(layer.path);
    if (known === undefined) found.set(layer.path, layer);
    else if (sameShape(known, layer)) found.set(layer.path, { ...known, nodes: [...known.nodes, node] });
  }
  return [...found.values()];
}

function sameShape(a: LayerSite, b: LayerSite): boolean {
  const shape = ({ kind, inFeatures, outFeatures, kernel }: LayerSite) =>
    [kind, inFeatures, outFeatures, ...kernel].join();
  return shape(a) === shape(b);
}

function readLayer(node: Node, weights: WeightFinder): LayerSite | null {
  const isOwn = domainOf(node) === '';
  switch (node.opType) {
    case 'MatMul': {
      const weight = isOwn ? weights.of(node.inputs[1]) : null;
      if (weight?.dims.length !== 2) return null;
      return linear(node, weight.name, weight.dims[0]!, weight.dims[1]!);
    }
    case 'Gemm': {
      const weight = isOwn ? weights.of(node.inputs[1]) : null;
      if (weight?.dims.length !== 2 || whole(node, 'transA') === 1) return null;
      const [rows, columns] = [weight.dims[0]!, weight.dims[1]!];
      return whole(node, 'transB') === 1
        ? linear(node, weight.name, columns, rows)
        : linear(node, weight.name, rows, columns);
    }
    case 'MatMulNBits':
      return linear(node, node.inputs[1] ?? '', whole(node, 'K'), whole(node, 'N'));
    case 'Conv': {
      const weight = isOwn ? weights.of(node.inputs[1]) : null;
      if (weight?.dims.length !== 4 || Number(findAttribute(node, 'group')?.i ?? 1n) !== 1) return null;
      const [outFeatures, inFeatures, height, width] = weight.dims as [number, number, number, number];
      const path = pathOf(node, weight.name);
      if (path === null) return null;
      return { path, kind: 'conv', inFeatures, outFeatures, kernel: [height, width], nodes: [node] };
    }
    default:
      return null;
  }
}

function linear(node: Node, weight: string, inFeatures: number, outFeatures: number): LayerSite | null {
  const path = pathOf(node, weight);
  if (path === null || inFeatures < 1 || outFeatures < 1) return null;
  return { path, kind: 'linear', inFeatures, outFeatures, kernel: [1, 1], nodes: [node] };
}

/** 0 where the node does not say. */
function whole(node: Node, name: string): number {
  return Number(findAttribute(node, name)?.i ?? 0n);
}

/**
 * `a.b.0.c.weight`, or else the node `/a/b.0/c/MatMul`: the older exporter names a transposed weight
 * `onnx::MatMul_123`, and fused graphs keep only the one or the other.
 */
function pathOf(node: Node, weight: string): string | null {
  const named = WEIGHT_NAME.exec(weight.split('/').at(-1)!)?.[1];
  if (named !== undefined) return named;
  const steps = (node.name ?? '').split('/').filter((step) => step !== '');
  return steps.length > 1 ? steps.slice(0, -1).join('.') : null;
}

/** Weights through what stands between them and a product: dequantization, a transpose, a cast. */
class WeightFinder {
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #makers: ReadonlyMap<string, Node>;

  constructor(graph: Graph) {
    this.#tensors = new Map(graph.initializers.map((tensor) => [tensor.name ?? '', tensor]));
    this.#makers = producers(graph);
  }

  of(value: string | undefined): Weight | null {
    if (value === undefined || value === '') return null;
    const tensor = this.#tensors.get(value);
    if (tensor !== undefined) return { name: value, dims: tensor.dims };
    const maker = this.#makers.get(value);
    if (maker === undefined) return null;
    switch (maker.opType) {
      case 'DequantizeLinear':
      case 'Cast':
      case 'Identity':
        return this.of(maker.inputs[0]);
      case 'Transpose': {
        const source = this.of(maker.inputs[0]);
        const order = findAttribute(maker, 'perm')?.ints.map(Number);
        if (source === null) return null;
        const dims = order ? order.map((axis) => source.dims[axis]!) : source.dims.toReversed();
        return { name: source.name, dims };
      }
      default:
        return null;
    }
  }
}
