/**
 * What a graph must be before the runtime sees it. The runtime refuses broken files by itself; what it would
 * not survive or stop (an endless Loop, a walk out of the folder, a file of millions of fields) is refused here.
 */
import {
  type Attribute,
  type Graph,
  type Model,
  type Node,
  readModel,
  type Tensor,
  type ValueInfo,
} from './model.ts';
import { externalPlace, isExternal, rawSizeBytes } from './tensor.ts';
import { controlFlow, domainOf } from './operators.ts';

export interface GuardOptions {
  /** The declared weight files: name as the graph refers to it (last path segment) → size in bytes. */
  weights: ReadonlyMap<string, number>;
  maxBytes?: number;
  maxNodes?: number;
}

export type GuardResult = { ok: true; model: Model } | { ok: false; reason: string };

const MAX_BYTES = 512 * 2 ** 20;
const MAX_NODES = 50_000;
/** wasm32 can address no more. */
const MAX_TENSOR_BYTES = 2 ** 32;
const OPSETS = { min: 7, max: 26 };
/** ModelProto.training_info and .functions, GraphProto.sparse_initializer. */
const REFUSED_MODEL_FIELDS: ReadonlyMap<number, string> = new Map([
  [20, 'training steps'],
  [25, 'local functions'],
]);
const SPARSE_INITIALIZER = 15;

class Refusal extends Error {}

function refuse(reason: string): never {
  throw new Refusal(reason);
}

/**
 * Reads a graph file and checks it. Never throws, whatever the bytes are.
 * @returns the model, or one sentence that says what is wrong with the file
 */
export function guardModel(file: Uint8Array, options: GuardOptions): GuardResult {
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  if (file.length > maxBytes) {
    return { ok: false, reason: `the graph file has ${file.length} bytes; ${maxBytes} are allowed` };
  }
  let model: Model;
  try {
    model = readModel(file);
  } catch (error) {
    return { ok: false, reason: `this is not a readable ONNX file: ${messageOf(error)}` };
  }
  try {
    checkModel(model, options);
    return { ok: true, model };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message };
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function checkModel(model: Model, options: GuardOptions): void {
  const { graph } = model;
  if (!graph) refuse('this is not a readable ONNX file: it holds no graph');
  for (const { number } of model.unknown) {
    const name = REFUSED_MODEL_FIELDS.get(number);
    if (name) refuse(`the model has ${name}, which are not allowed`);
  }
  const maxNodes = options.maxNodes ?? MAX_NODES;
  if (graph.nodes.length > maxNodes) {
    refuse(`the graph has ${graph.nodes.length} nodes; ${maxNodes} are allowed`);
  }
  const opset = model.opsets.find((o) => domainOf(o) === '')?.version;
  if (opset === undefined) refuse('the model does not say which operator set it uses');
  if (opset < OPSETS.min || opset > OPSETS.max) {
    refuse(`the model uses operator set ${opset}; ${OPSETS.min} to ${OPSETS.max} are known`);
  }
  checkGraph(graph, options.weights);
}

function checkGraph(graph: Graph, weights: ReadonlyMap<string, number>): void {
  if (graph.outputs.length === 0) refuse('the graph has no output');
  if (graph.unknown.some((field) => field.number === SPARSE_INITIALIZER)) {
    refuse('the graph has sparse weights, which are not supported');
  }
  for (const value of [...graph.inputs, ...graph.outputs]) checkBorder(value);
  const names = new Set<string>();
  for (const tensor of graph.initializers) {
    const name = tensor.name ?? '';
    if (name === '' || names.has(name)) refuse(`the weight ${quote(name)} is there twice or has no name`);
    names.add(name);
    checkTensor(tensor, name, weights);
  }
  for (const node of graph.nodes) checkNode(node, weights);
}

function checkBorder(value: ValueInfo): void {
  const name = quote(value.name ?? '');
  if (!value.name) refuse('an input or output of the graph has no name');
  if (!value.type?.tensor) refuse(`${name} is not a tensor`);
  for (const dim of value.type.tensor.shape?.dims ?? []) {
    if (dim.value !== undefined && dim.value < 0) refuse(`${name} has the size ${dim.value}`);
  }
}

function checkNode(node: Node, weights: ReadonlyMap<string, number>): void {
  const label = `${quote(node.opType ?? '')} (node ${quote(node.name ?? node.outputs[0] ?? '')})`;
  const domain = domainOf(node);
  if (domain !== '' && domain !== 'com.microsoft') {
    refuse(`operator ${label} comes from the unknown set ${quote(domain)}`);
  }
  if (controlFlow.has(node.opType ?? '') || node.attributes.some(holdsGraph)) {
    refuse(`operator ${label} runs a graph of its own, which is not allowed: it might never end`);
  }
  for (const attribute of node.attributes) {
    const tensors = attribute.t ? [attribute.t, ...attribute.tensors] : attribute.tensors;
    for (const tensor of tensors) {
      if (isExternal(tensor)) refuse(`a constant of operator ${label} lies outside the graph file`);
      checkTensor(tensor, `constant of ${node.name ?? ''}`, weights);
    }
  }
}

function holdsGraph(attribute: Attribute): boolean {
  return attribute.g !== undefined || attribute.graphs.length > 0;
}

function checkTensor(tensor: Tensor, name: string, weights: ReadonlyMap<string, number>): void {
  const label = `the weight ${quote(name)}`;
  const bad = tensor.dims.find((dim) => dim < 0);
  if (bad !== undefined) refuse(`${label} has the size ${bad}`);
  const sizeBytes = rawSizeBytes(tensor);
  if (sizeBytes === null) refuse(`${label} has the unknown element type ${tensor.dataType ?? 0}`);
  if (sizeBytes > MAX_TENSOR_BYTES) refuse(`${label} would need ${sizeBytes} bytes`);
  if (isExternal(tensor)) {
    checkPlace(tensor, label, sizeBytes, weights);
  } else if (tensor.rawData !== undefined && tensor.rawData.length !== sizeBytes) {
    refuse(`${label} has ${tensor.rawData.length} bytes where its shape needs ${sizeBytes}`);
  }
}

function checkPlace(
  tensor: Tensor,
  label: string,
  sizeBytes: number,
  weights: ReadonlyMap<string, number>,
): void {
  const place = externalPlace(tensor);
  if (place === null) refuse(`${label} does not say where its bytes lie`);
  const fileBytes = weights.get(place.location);
  // Only declared names are in the map, so `../` and absolute paths cannot pass.
  if (fileBytes === undefined)
    refuse(`${label} lies in ${quote(place.location)}, which is no file of this model`);
  if (place.length !== null && place.length !== sizeBytes) {
    refuse(`${label} has ${place.length} bytes where its shape needs ${sizeBytes}`);
  }
  if (place.offset + sizeBytes > fileBytes) {
    refuse(`${label} reaches past the end of ${quote(place.location)} (${fileBytes} bytes)`);
  }
}

/** Names come from the file: cut, and shown as JSON so that control characters stay visible. */
function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
