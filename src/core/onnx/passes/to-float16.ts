/**
 * A graph that computes in float32 → the same graph in float16, for adapters with shader-f16. Inputs and
 * outputs stay float32, so callers do not change; what float16 cannot hold stays float32 between two casts.
 * `operators.ts` and `float16-policy.ts` say which operators those are, and why.
 *
 * The walk is in graph order. Every float32 value is kept in the form its node made, and cast when, and only
 * when, someone needs the other form; so two neighbours in float32 have no cast between them.
 */
import type { HalfLosses } from '../half.ts';
import type { Attribute, Graph, Model, Node, Tensor, ValueInfo } from '../model.ts';
import { domainOf, precisionOf, singleInputs } from '../operators.ts';
import { ElementType, rawTensor } from '../tensor.ts';
import { Float16Policy, HALF_DEQUANTIZE_OPSET, opsetOf } from './float16-policy.ts';
import { castNode, Float16Values, type Form } from './float16-values.ts';
import { type ConversionPlan, HalfWeights } from './float16-weights.ts';
import { ValueTypes } from './types.ts';

export interface Float16Report {
  /** What inline weights lost; `convertExternal` reports the external ones. */
  losses: HalfLosses;
  casts: number;
  /** Nodes that compute in float16. */
  halfNodes: number;
  /** Nodes on float values that stayed in float32. */
  singleNodes: number;
}

export type ToFloat16Result =
  | { ok: true; model: Model; plan: ConversionPlan; report: Float16Report }
  | { ok: false; reason: string };

class Refusal extends Error {}

/**
 * @returns a new model (unchanged parts are shared with the old one) and the plan for its external weights, or
 * a sentence that names what this pass cannot convert
 */
export function toFloat16(model: Model): ToFloat16Result {
  if (!model.graph) return { ok: false, reason: 'the model holds no graph' };
  try {
    const raised = raiseOpset(model);
    const policy = new Float16Policy(model.graph, opsetOf(raised));
    const { graph, weights, report } = convertGraph(model.graph, policy);
    return { ok: true, model: { ...raised, graph }, plan: weights.plan, report };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message };
    throw error;
  }
}

/**
 * Operator set 18 differs from 19 by what 19 allows besides, the float16 answer of DequantizeLinear among it. A
 * lower one differs in more, so its quantized weights are cast after they are expanded.
 */
function raiseOpset(model: Model): Model {
  if (opsetOf(model) !== HALF_DEQUANTIZE_OPSET - 1) return model;
  const opsets = model.opsets.map((opset) =>
    domainOf(opset) === '' ? { ...opset, version: HALF_DEQUANTIZE_OPSET } : opset,
  );
  return { ...model, opsets };
}

function convertGraph(
  graph: Graph,
  policy: Float16Policy,
): { graph: Graph; weights: HalfWeights; report: Float16Report } {
  const types = new ValueTypes(graph);
  const weights = new HalfWeights(graph);
  const values = new Float16Values(graph, weights);
  const report = { losses: weights.losses, casts: 0, halfNodes: 0, singleNodes: 0 };

  // Old exporters list every weight as an input too. A weight that changes its type can no longer be one.
  const floatWeights = new Set<string>();
  for (const tensor of graph.initializers) {
    if (tensor.dataType === ElementType.float) {
      floatWeights.add(tensor.name ?? '');
      values.addWeight(tensor.name ?? '', tensor);
    } else {
      values.initializers.push(tensor);
    }
  }
  const inputs = graph.inputs.filter(({ name }) => !floatWeights.has(name ?? ''));
  for (const { name } of inputs) if (types.isFloat(name ?? '')) values.addInput(name ?? '');

  for (const node of graph.nodes) {
    checkNode(node, types);
    types.addOutputs(node);
    const constant = floatConstant(node);
    if (constant) {
      values.addWeight(node.outputs[0] ?? '', constant);
      continue;
    }
    const touchesFloat = [...node.inputs, ...node.outputs].some((name) => types.isFloat(name));
    if (!touchesFloat) {
      values.nodes.push(node);
      continue;
    }
    const form = convertNode(node, types, values, policy);
    if (form === 'half') report.halfNodes++;
    else report.singleNodes++;
  }
  values.finishOutputs();

  return {
    graph: {
      ...graph,
      nodes: values.nodes,
      initializers: values.initializers,
      inputs,
      valueInfo: graph.valueInfo.map((info) => retype(info, types, values)),
    },
    weights,
    report: { ...report, losses: weights.losses, casts: values.castCount },
  };
}

function checkNode(node: Node, types: ValueTypes): void {
  const label = `operator ${node.opType ?? ''} (node "${node.name || node.outputs[0] || ''}")`;
  if (node.attributes.some((attribute) => attribute.g || attribute.graphs.length > 0)) {
    throw new Refusal(`${label} runs a graph of its own, which the float16 form cannot hold`);
  }
  const domain = domainOf(node);
  if ((domain !== '' && domain !== 'com.microsoft') || precisionOf(node.opType ?? '') === null) {
    throw new Refusal(`${label} is not known to the float16 form`);
  }
  for (const name of node.inputs) {
    if (name !== '' && types.of(name) === undefined) {
      throw new Refusal(`${label} uses "${name}" before it is made`);
    }
  }
}

/** Rewrites one node in the form its operator asks for and appends it. */
function convertNode(node: Node, types: ValueTypes, values: Float16Values, policy: Float16Policy): Form {
  const stickyInput = node.inputs.some((name) => types.isFloat(name) && values.isSticky(name));
  const form = policy.formOf(node, stickyInput);
  const keepsInputs = policy.precisionOf(node) === 'keep';
  const always = singleInputs.get(node.opType ?? '') ?? [];

  const inputs = node.inputs.map((name, index) => {
    if (!types.isFloat(name)) return name;
    if (keepsInputs) return values.useAny(name);
    return values.use(name, always.includes(index) ? 'single' : form);
  });
  const sticky = form === 'single' && policy.answersSticky(node);
  const outputs = node.outputs.map((name) =>
    types.isFloat(name) ? values.addOutput(name, form, sticky) : name,
  );
  if (node.opType === 'CastLike' && types.isFloat(node.outputs[0] ?? '')) {
    values.nodes.push(castNode(inputs[0]!, outputs[0]!, ElementType.float));
  } else {
    const attributes = form === 'half' ? node.attributes.map(halveType) : node.attributes;
    values.nodes.push({ ...node, inputs, outputs, attributes });
  }
  return form;
}

/** A float32 Constant becomes a weight, so that it is converted and not cast in every run. */
function floatConstant(node: Node): Tensor | null {
  const attribute = node.attributes[0];
  if (node.opType !== 'Constant' || !attribute) return null;
  const name = node.outputs[0] ?? '';
  if (attribute.name === 'value' && attribute.t?.dataType === ElementType.float)
    return { ...attribute.t, name };
  if (attribute.name === 'value_float') return floatTensor(name, [], [attribute.f ?? 0]);
  if (attribute.name === 'value_floats')
    return floatTensor(name, [attribute.floats.length], attribute.floats);
  return null;
}

function floatTensor(name: string, dims: number[], values: number[]): Tensor {
  return rawTensor(name, ElementType.float, dims, new Uint8Array(Float32Array.from(values).buffer));
}

/** DequantizeLinear and its like may state the type of their answer. */
function halveType(attribute: Attribute): Attribute {
  const states = attribute.name === 'output_dtype' && attribute.i === BigInt(ElementType.float);
  return states ? { ...attribute, i: BigInt(ElementType.float16) } : attribute;
}

function retype(info: ValueInfo, types: ValueTypes, values: Float16Values): ValueInfo {
  const name = info.name ?? '';
  const tensor = info.type?.tensor;
  if (!tensor || !types.isFloat(name) || !values.isHalf(name)) return info;
  return { ...info, type: { ...info.type!, tensor: { ...tensor, elemType: ElementType.float16 } } };
}
