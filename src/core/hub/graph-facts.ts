/** What a graph file tells of itself: its inputs and outputs, its weight files, and the type it computes in. */
import { guardModel } from '../onnx/guard.ts';
import type { Model, ValueInfo } from '../onnx/model.ts';
import { ElementType, externalPlace, isExternal } from '../onnx/tensor.ts';

export interface Border {
  name: string;
  /** TensorProto.DataType. */
  elementType: number;
  /** Null where the size is left open. */
  dims: (number | null)[];
}

export interface GraphFacts {
  inputs: Border[];
  outputs: Border[];
  /** Names of the external data files, as the graph refers to them. */
  locations: string[];
  compute: 'float32' | 'float16';
  /** Bits of a quantized weight: 4 or 8, and 16 or 32 where none is quantized. */
  weightBits: 4 | 8 | 16 | 32;
}

export type FactsResult = { ok: true; facts: GraphFacts } | { ok: false; reason: string };

/**
 * Reads and guards a graph, as it will be before it is run.
 * @param weights the files beside it: last path segment → size in bytes
 */
export function graphFacts(file: Uint8Array, weights: ReadonlyMap<string, number>): FactsResult {
  const guarded = guardModel(file, { weights });
  if (!guarded.ok) return guarded;
  const { graph } = guarded.model;
  if (!graph) return { ok: false, reason: 'it holds no graph' };
  const own = new Set(graph.initializers.map(({ name }) => name));
  const locations = new Set<string>();
  for (const tensor of graph.initializers) {
    const place = isExternal(tensor) ? externalPlace(tensor) : null;
    if (place !== null) locations.add(place.location);
  }
  return {
    ok: true,
    facts: {
      // Old exports list their weights among the inputs.
      inputs: graph.inputs.filter(({ name }) => !own.has(name)).map(border),
      outputs: graph.outputs.map(border),
      locations: [...locations],
      ...kindOf(guarded.model),
    },
  };
}

function border({ name, type }: ValueInfo): Border {
  const dims = type?.tensor?.shape?.dims ?? [];
  return {
    name: name ?? '',
    elementType: type?.tensor?.elemType ?? 0,
    dims: dims.map(({ value }) => value ?? null),
  };
}

function kindOf({ graph }: Model): Pick<GraphFacts, 'compute' | 'weightBits'> {
  const types = new Set(graph?.initializers.map(({ dataType }) => dataType));
  const half = types.has(ElementType.float16);
  let weightBits: GraphFacts['weightBits'] = half ? 16 : 32;
  for (const { opType, attributes } of graph?.nodes ?? []) {
    if (opType === 'MatMulNBits' || opType === 'GatherBlockQuantized') {
      const bits = Number(attributes.find(({ name }) => name === 'bits')?.i ?? 4n);
      if (bits <= 4) return { compute: half ? 'float16' : 'float32', weightBits: 4 };
      weightBits = 8;
    } else if (opType === 'DequantizeLinear') {
      weightBits = 8;
    }
  }
  return { compute: half ? 'float16' : 'float32', weightBits };
}
