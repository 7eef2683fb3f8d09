/** The 8-bit form of a tiny model: what its graphs hold as matrices and kernels, as int8 with a scale. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '#core/models/manifest.ts';
import { type Graph, readModel, type Tensor, writeModel } from '#core/onnx/model.ts';
import { ElementType, inlineFloats, rawTensor } from '#core/onnx/tensor.ts';
import { copyOfModel, tinyModel } from '../studio/library-page.ts';

/**
 * @param into an empty folder
 * @returns a copy whose id ends in `.q8`, as forms of one model are told apart
 */
export function eightBitCopy(name: string, into: string): string {
  const manifest = JSON.parse(readFileSync(join(tinyModel(name), 'manifest.json'), 'utf8')) as Manifest;
  const graphs = Object.values(manifest.parts).map(({ variants }) => variants[0]!.graph);
  const files = { ...manifest.files };
  const written = new Map<string, Uint8Array>();
  for (const graph of graphs) {
    const bytes = toEightBits(readFileSync(join(tinyModel(name), graph)));
    written.set(graph, bytes);
    files[graph] = { sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }
  const parts = Object.fromEntries(
    Object.entries(manifest.parts).map(([part, { variants }]) => [
      part,
      { variants: variants.map((variant) => ({ ...variant, id: 'q8' })) },
    ]),
  );
  const folder = copyOfModel(name, into, { id: `${manifest.id}.q8`, parts, files });
  for (const [graph, bytes] of written) writeFileSync(join(folder, graph), bytes);
  return folder;
}

function toEightBits(file: Uint8Array): Uint8Array {
  const model = readModel(file);
  if (model.graph === undefined) throw new Error('A model without a graph.');
  const graph = model.graph.initializers.filter(isMatrix).reduce(quantize, model.graph);
  return writeModel({ ...model, graph });
}

function isMatrix({ dataType, dims }: Tensor): boolean {
  return dataType === ElementType.float && dims.length > 1;
}

/** Under the old name now stands what a DequantizeLinear makes of the int8 values. */
function quantize(graph: Graph, tensor: Tensor): Graph {
  const name = tensor.name ?? '';
  const values = inlineFloats(tensor);
  const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-8) / 127;
  const levels = Int8Array.from(values, (value) => Math.round(value / scale));
  const node = {
    inputs: [`${name}_q8`, `${name}_scale`],
    outputs: [name],
    name: `${name}_dequantize`,
    opType: 'DequantizeLinear',
    attributes: [],
    unknown: [],
  };
  return {
    ...graph,
    nodes: [node, ...graph.nodes],
    initializers: [
      ...graph.initializers.filter((other) => other !== tensor),
      rawTensor(`${name}_q8`, ElementType.int8, tensor.dims, new Uint8Array(levels.buffer)),
      rawTensor(`${name}_scale`, ElementType.float, [], new Uint8Array(Float32Array.of(scale).buffer)),
    ],
  };
}
