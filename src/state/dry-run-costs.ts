/** What the forms of a repository or folder would cost, from the graphs that the dry run has read. */
import { guardModel } from '#core/onnx/guard.ts';
import { costOfPart, defaultWorkload, type ModelCost, pictureParts } from '#core/passport/model-cost.ts';
import type { DryRun } from '#engine/dry-run.ts';

/** By the id of the form. One whose graphs were too large to be read, or are refused, has none. */
export function costsOf({ recognised, graphs }: DryRun): Record<string, ModelCost> {
  const costs: Record<string, ModelCost> = {};
  for (const { id, draft, files } of recognised.choices) {
    if (draft === null) continue;
    const sizes = new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes]));
    const cost: Record<string, ModelCost[string]> = {};
    for (const part of pictureParts(draft)) {
      const variant = draft.parts[part]?.variants[0];
      const file = variant && graphs.get(recognised.root + variant.graph);
      if (!variant || !file) continue;
      const weights = new Map(
        variant.weights.map((path) => [
          path.slice(path.lastIndexOf('/') + 1),
          sizes.get(recognised.root + path) ?? 0,
        ]),
      );
      const guarded = guardModel(file, { weights });
      if (guarded.ok && guarded.model.graph)
        cost[part] = costOfPart(draft, part, guarded.model.graph, defaultWorkload(draft));
    }
    if (pictureParts(draft).every((part) => cost[part] !== undefined)) costs[id] = cost;
  }
  return costs;
}
