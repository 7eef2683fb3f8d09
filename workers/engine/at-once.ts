/** How many pictures of a job are drawn together, by what the person chose and what the device has. */
import type { Manifest } from '#core/models/manifest.ts';
import { abilityOf } from '#core/passport/fit.ts';
import type { Size } from '#core/passport/model-cost.ts';
import { openedBytes } from '#core/passport/predict.ts';
import {
  type AtOnce,
  autoAtOnce,
  batchedInputs,
  isDrawnTogether,
  type OpenInput,
} from '#core/pipeline/at-once.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { DeviceReport } from '#engine/api.ts';
import { type Inspected, inspectManifest } from './inspect.ts';
import type { OpenModel } from './model.ts';

export interface Batching {
  /** The most at once. */
  size: number;
  /** The denoiser's inputs that take a row for each; null where it takes one. */
  batched: ReadonlySet<string> | null;
}

const ALONE: Batching = { size: 1, batched: null };

/**
 * @param limit what worked here before, where more did not
 * @param report with the device that draws as the chosen one
 */
export async function batchingOf(
  { manifest, inputs }: Pick<OpenModel, 'manifest'> & { inputs: readonly OpenInput[] },
  request: GenerateRequest,
  asked: AtOnce,
  limit: number,
  report: DeviceReport,
  signal: AbortSignal,
): Promise<Batching> {
  const batched = batchedInputs(manifest.denoiser, inputs);
  if (batched === null || !isDrawnTogether(request)) return ALONE;
  const size = asked === 'auto' ? await autoSize(manifest, request, report, signal) : asked;
  return { size: Math.max(1, Math.min(size, limit)), batched };
}

async function autoSize(
  manifest: Manifest,
  request: GenerateRequest,
  report: DeviceReport,
  signal: AbortSignal,
): Promise<number> {
  const ability = abilityOf(report);
  const weightBytes = openedBytes(manifest, ability, (path) => manifest.files[path]?.sizeBytes ?? 0);
  const { cost } = await inspected(manifest, request, signal);
  return autoAtOnce(manifest, cost, weightBytes, ability, report.gpu?.software === true, request);
}

/** By size: graphs are read and counted once for a model that stays. */
const counted = new WeakMap<Manifest, Map<string, Inspected>>();

async function inspected(manifest: Manifest, size: Size, signal: AbortSignal): Promise<Inspected> {
  const key = `${size.widthPx}x${size.heightPx}`;
  const bySize = counted.get(manifest) ?? new Map<string, Inspected>();
  counted.set(manifest, bySize);
  const found = bySize.get(key) ?? (await inspectManifest(manifest, size, signal));
  bySize.set(key, found);
  return found;
}
