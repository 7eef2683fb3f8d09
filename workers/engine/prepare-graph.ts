/** From the bytes of a part to what the runtime is given: guarded, in float16 and with branches where asked. */
import { FailureError } from '#core/failure.ts';
import { LayerIndex } from '#core/lora/stack.ts';
import { guardModel } from '#core/onnx/guard.ts';
import { type Model, writeModel } from '#core/onnx/model.ts';
import { convertExternal } from '#core/onnx/passes/float16-weights.ts';
import { insertLora, type LoraSite } from '#core/onnx/passes/insert-lora.ts';
import { insertWords, type WordInputs } from '#core/onnx/passes/insert-words.ts';
import { findLayers, type LayerGroup, layerGroup, type LayerSite } from '#core/onnx/passes/lora-sites.ts';
import { toFloat16 } from '#core/onnx/passes/to-float16.ts';
import type { ExternalFile } from '../runtime/ort.ts';
import { bytesOf } from './files.ts';

export interface PartFiles {
  graph: Uint8Array;
  external: ExternalFile[];
}

/** The branches that a part is opened with: how wide, and beside which layers. */
export interface BranchSpec {
  rank: number;
  groups: ReadonlySet<LayerGroup>;
}

export interface Branches {
  spec: BranchSpec;
  sites: readonly LoraSite[];
  /** Of all layers of the graph, those without a branch too. */
  layers: LayerIndex<LayerSite>;
}

export interface PreparedPart extends PartFiles {
  /** Null where none were asked for. */
  branches: Branches | null;
  /** Null where the part is no text encoder, or one that takes no new words. */
  words: WordInputs | null;
}

/**
 * @param isTextEncoder its vocabulary is given room for new words
 * @param part for the failure's sentence
 * @throws FailureError `graph-rejected` when the guard or a pass refuses the graph
 */
export async function prepareGraph(
  part: string,
  files: PartFiles,
  float16: boolean,
  spec: BranchSpec | null = null,
  isTextEncoder = false,
): Promise<PreparedPart> {
  const weights = new Map(files.external.map(({ path, data }) => [path, sizeOf(data)]));
  const guarded = guardModel(files.graph, { weights });
  if (!guarded.ok) throw new FailureError({ code: 'graph-rejected', part, detail: guarded.reason });
  const worded = isTextEncoder ? insertWords(guarded.model) : null;
  const words = worded?.inputs ?? null;
  if (!float16 && spec === null && worded === null) return { ...files, branches: null, words };
  let { model } = worded ?? guarded;
  let { external } = files;
  if (float16) ({ model, external } = await inFloat16(part, model, external));
  const { model: branched, branches } = spec === null ? { model, branches: null } : branch(part, model, spec);
  return { graph: writeModel(branched), external, branches, words };
}

async function inFloat16(
  part: string,
  model: Model,
  external: ExternalFile[],
): Promise<{ model: Model; external: ExternalFile[] }> {
  const half = toFloat16(model);
  if (!half.ok) throw new FailureError({ code: 'graph-rejected', part, detail: half.reason });
  if (half.plan.sizeBytes === 0) return { model: half.model, external };
  const inMemory = new Map<string, Uint8Array>();
  for (const { path, data } of external) inMemory.set(path, await bytesOf(data));
  const { bytes } = convertExternal(half.plan, (location, offset, length) => {
    const data = inMemory.get(location);
    if (data === undefined) throw new Error(`The pass asks for "${location}", which is not mounted.`);
    return data.subarray(offset, offset + length);
  });
  return { model: half.model, external: [...external, { path: half.plan.location, data: bytes }] };
}

/** After the float16 pass, so that A and B have the type that their layer computes in. */
function branch(part: string, model: Model, spec: BranchSpec): { model: Model; branches: Branches } {
  const inserted = insertLora(model, {
    rank: spec.rank,
    wants: ({ path }) => spec.groups.has(layerGroup(path)),
  });
  if (!inserted.ok) throw new FailureError({ code: 'graph-rejected', part, detail: inserted.reason });
  const layers = new LayerIndex(model.graph === undefined ? [] : findLayers(model.graph));
  return { model: inserted.model, branches: { spec, sites: inserted.sites, layers } };
}

function sizeOf(data: ExternalFile['data']): number {
  return data instanceof Uint8Array ? data.byteLength : data.size;
}
