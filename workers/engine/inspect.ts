/** Reads the graphs of a model, not its weights, and counts what a picture will cost. */
import { FailureError } from '#core/failure.ts';
import { guardModel } from '#core/onnx/guard.ts';
import { costOfPart, type ModelCost, pictureParts, type Size } from '#core/passport/model-cost.ts';
import { findManifest } from '#storage/models.ts';
import { bytesOf, readModelFiles } from './files.ts';

/** @throws FailureError as `findManifest` and `readModelFiles`; `graph-rejected` for a graph that the guard refuses */
export async function inspectModel(modelId: string, size: Size, signal: AbortSignal): Promise<ModelCost> {
  const manifest = await findManifest(modelId, undefined, signal);
  const plan = pictureParts(manifest).flatMap((part) => {
    // Forms of a part differ in their weights' type; the work of the first stands for all.
    const variant = manifest.parts[part]?.variants[0];
    return variant === undefined ? [] : [{ part, variant }];
  });
  const graphs = plan.map(({ variant }) => variant.graph);
  const files = await readModelFiles(manifest, graphs, signal, () => {});
  const cost: Record<string, ModelCost[string]> = {};
  for (const { part, variant } of plan) {
    const file = files.get(variant.graph);
    if (file === undefined) throw new Error(`The file "${variant.graph}" was not fetched.`);
    const weights = new Map(
      variant.weights.map((path) => [lastSegment(path), manifest.files[path]?.sizeBytes ?? 0] as const),
    );
    const guarded = guardModel(await bytesOf(file), { weights });
    if (!guarded.ok) throw new FailureError({ code: 'graph-rejected', part, detail: guarded.reason });
    // The guard lets no model without a graph pass.
    if (guarded.model.graph) cost[part] = costOfPart(manifest, part, guarded.model.graph, size);
  }
  return cost;
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
