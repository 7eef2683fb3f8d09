/** Reads the graphs of a model, not its weights, and counts what a picture will cost. */
import { FailureError } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { guardModel } from '#core/onnx/guard.ts';
import type { Graph } from '#core/onnx/model.ts';
import { costOfPart, type ModelCost, pictureParts, type Size } from '#core/passport/model-cost.ts';
import { batchedInputs, type OpenInput } from '#core/pipeline/at-once.ts';
import { findManifest } from '#storage/models.ts';
import { bytesOf, readModelFiles } from './files.ts';

export interface Inspected {
  cost: ModelCost;
  /** Its denoiser takes several pictures in one run. */
  drawsTogether: boolean;
}

/** @throws FailureError as `findManifest` and `inspectManifest` */
export async function inspectModel(modelId: string, size: Size, signal: AbortSignal): Promise<Inspected> {
  return inspectManifest(await findManifest(modelId, undefined, signal), size, signal);
}

/** @throws FailureError as `readModelFiles`; `graph-rejected` for a graph that the guard refuses */
export async function inspectManifest(
  manifest: Manifest,
  size: Size,
  signal: AbortSignal,
): Promise<Inspected> {
  const plan = pictureParts(manifest).flatMap((part) => {
    // Forms of a part differ in their weights' type; the work of the first stands for all.
    const variant = manifest.parts[part]?.variants[0];
    return variant === undefined ? [] : [{ part, variant }];
  });
  const graphs = plan.map(({ variant }) => variant.graph);
  const files = await readModelFiles(manifest, graphs, signal, () => {});
  const cost: Record<string, ModelCost[string]> = {};
  let drawsTogether = false;
  for (const { part, variant } of plan) {
    const file = files.get(variant.graph);
    if (file === undefined) throw new Error(`The file "${variant.graph}" was not fetched.`);
    const weights = new Map(
      variant.weights.map((path) => [lastSegment(path), manifest.files[path]?.sizeBytes ?? 0] as const),
    );
    const guarded = guardModel(await bytesOf(file), { weights });
    if (!guarded.ok) throw new FailureError({ code: 'graph-rejected', part, detail: guarded.reason });
    // The guard lets no model without a graph pass.
    const { graph } = guarded.model;
    if (graph === undefined) continue;
    cost[part] = costOfPart(manifest, part, graph, size);
    if (part === manifest.denoiser.part) {
      drawsTogether = batchedInputs(manifest.denoiser, openInputs(graph)) !== null;
    }
  }
  return { cost, drawsTogether };
}

function openInputs({ inputs }: Graph): OpenInput[] {
  return inputs.map(({ name = '', type }) => ({
    name,
    dims: type?.tensor?.shape?.dims.map(({ value, param }) => value ?? param ?? '') ?? [],
  }));
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
