/** From the axes to the requests of a grid, each checked before anything is drawn. */
import type { Failure } from '#core/failure.ts';
import { MAX_CELLS, type Place, places } from '#core/grid/plan.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { secondsPerPicture } from '#core/queue/rates.ts';
import type { DeviceChoice } from '#engine/api.ts';
import { freezeDraft } from '#state/fit-draft.ts';
import { AXES, type AxisDraft, type AxisName } from '#state/grid.ts';
import {
  APPLY_ORDER,
  axisInfo,
  axisValues,
  type AxisValue,
  type CellState,
  type GridPlace,
} from '#state/grid-axes.ts';
import type { QueueState } from '#state/queue.ts';

export interface PlannedCell extends Place {
  request: GenerateRequest;
}

export interface GridPlan {
  cells: PlannedCell[];
  labels: Record<AxisName, string[]>;
  titles: Record<AxisName, string>;
}

export type PlanResult =
  | { ok: true; plan: GridPlan }
  /** `axis` is null where it is about the whole. */
  | { ok: false; axis: AxisName | null; reason: string }
  | { ok: false; axis: null; failure: Failure };

export function planGrid(axes: Record<AxisName, AxisDraft>, place: GridPlace): PlanResult {
  const values: Record<AxisName, AxisValue[]> = { x: [], y: [], z: [] };
  const labels: GridPlan['labels'] = { x: [], y: [], z: [] };
  const titles: GridPlan['titles'] = { x: '', y: '', z: '' };
  for (const axis of AXES) {
    const { kind } = axes[axis];
    if (kind !== 'none' && AXES.some((other) => other < axis && axes[other].kind === kind))
      return { ok: false, axis, reason: 'Another axis has it already.' };
    const found = axisValues(axes[axis], place);
    if (!found.ok) return { ok: false, axis, reason: found.reason };
    values[axis] = found.values;
    labels[axis] = found.values.map(({ label }) => label);
    titles[axis] = kind === 'none' ? '' : axisInfo(kind, place).label;
  }
  const all = places({ x: values.x.length, y: values.y.length, z: values.z.length });
  if (AXES.every((axis) => values[axis].length === 0))
    return { ok: false, axis: null, reason: 'Choose what an axis stands for.' };
  if (all.length > MAX_CELLS)
    return {
      ok: false,
      axis: null,
      reason: `${all.length} pictures are too many at once: up to ${MAX_CELLS} can be drawn.`,
    };
  const order = [...AXES].sort((a, b) => rank(axes[a]) - rank(axes[b]));
  const cells: PlannedCell[] = [];
  for (const at of all) {
    let state: CellState = { draft: { ...place.draft, count: 1 }, manifest: place.manifest };
    for (const axis of order) {
      const next = values[axis][at[axis]]?.apply(state) ?? state;
      if ('problem' in next) return { ok: false, axis, reason: next.problem };
      state = next;
    }
    const frozen = freezeDraft(state.draft, state.manifest, state.revision);
    if (!frozen.ok) return { ok: false, axis: null, failure: frozen.failure };
    cells.push({ ...at, request: frozen.request });
  }
  return { ok: true, plan: { cells, labels, titles } };
}

/** How long the pictures take here, as far as earlier ones tell; null for a pace that is not known. */
export function predictSeconds(
  requests: readonly GenerateRequest[],
  rates: QueueState['rates'],
  device: DeviceChoice,
): number | null {
  let seconds = 0;
  for (const request of requests) {
    const one = secondsPerPicture(rates, { request, device, preview: 'off', upscale: false });
    if (one === null) return null;
    seconds += one;
  }
  return seconds;
}

function rank({ kind }: AxisDraft): number {
  const at = APPLY_ORDER.indexOf(kind);
  return at === -1 ? APPLY_ORDER.length : at;
}
