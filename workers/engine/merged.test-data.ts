/** The plainest way to apply an adapter, as an oracle: W + weight·scale·up·down written into the weights of a graph. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Share } from '#core/lora/stack.ts';
import { type Model, readModel, type Tensor } from '#core/onnx/model.ts';
import { findLayers, type LayerSite } from '#core/onnx/passes/lora-sites.ts';
import { findAttribute } from '#core/onnx/passes/types.ts';
import { ElementType, externalPlace, floatsOf, rawSizeBytes } from '#core/onnx/tensor.ts';

const MODELS = join(import.meta.dirname, '../../e2e/models');

/** A part of a tiny model with its weights inside the graph. */
export function readWhole(modelId: string, part: string): Model {
  const folder = join(MODELS, modelId, part);
  const model = readModel(new Uint8Array(readFileSync(join(folder, 'model.onnx'))));
  const data = new Uint8Array(readFileSync(join(folder, 'model.onnx_data')));
  const initializers = model.graph!.initializers.map((tensor): Tensor => {
    const place = externalPlace(tensor);
    if (place === null) return tensor;
    const { dataLocation: _, ...rest } = tensor;
    const rawData = data.slice(place.offset, place.offset + rawSizeBytes(tensor)!);
    return { ...rest, externalData: [], rawData };
  });
  return { ...model, graph: { ...model.graph!, initializers } };
}

/** @param shares by the path of the layer */
export function merged(model: Model, shares: ReadonlyMap<string, readonly Share[]>): Model {
  const graph = model.graph!;
  const changed = new Map<string, Tensor>();
  for (const layer of findLayers(graph)) {
    const list = shares.get(layer.path) ?? [];
    if (list.length === 0) continue;
    const name = layer.nodes[0]!.inputs[1]!;
    const tensor = graph.initializers.find((initializer) => initializer.name === name)!;
    changed.set(name, mergedWeight(tensor, layer, list));
  }
  const initializers = graph.initializers.map((tensor) => changed.get(tensor.name!) ?? tensor);
  return { ...model, graph: { ...graph, initializers } };
}

function mergedWeight(tensor: Tensor, layer: LayerSite, shares: readonly Share[]): Tensor {
  if (tensor.dataType !== ElementType.float) throw new Error('The oracle merges float32 only.');
  const values = floatsOf(tensor.rawData!);
  const [node] = layer.nodes;
  const rowLength = layer.inFeatures * layer.kernel[0] * layer.kernel[1];
  const isTransposed =
    node!.opType === 'MatMul' || (node!.opType === 'Gemm' && findAttribute(node!, 'transB')?.i !== 1n);
  for (const { layer: change, weight } of shares) {
    for (let n = 0; n < layer.outFeatures; n++) {
      for (let k = 0; k < rowLength; k++) {
        let sum = 0;
        for (let j = 0; j < change.rank; j++)
          sum += change.up[n * change.rank + j]! * change.down[j * rowLength + k]!;
        const at = isTransposed ? k * layer.outFeatures + n : n * rowLength + k;
        values[at] = values[at]! + weight * change.scale * sum;
      }
    }
  }
  return { ...tensor, rawData: new Uint8Array(values.buffer) };
}
