/**
 * What a model will need on a device, before it is opened. A prediction is an estimate from counted work and
 * measured rates; where either is missing there is none.
 */
import type { Calibration } from './calibration.ts';
import type { DeviceAbility } from './fit.ts';
import type { GraphCost } from './graph-cost.ts';
import { type ManifestDraft, type ModelCost, partRuns, pictureParts, type Workload } from './model-cost.ts';

export interface Prediction {
  /** The most memory the model holds at once on its device, weights and intermediate values. */
  peakBytes: number;
  /** Of one picture once the model is open. Null: this device was not measured, or the model's graphs not read. */
  seconds: number | null;
}

/** What the runtime's heap begins with. */
const RUNTIME_BYTES = 16 * 2 ** 20;

/**
 * @param weightBytes of the files that the device would open
 * @param cost null where the graphs are not here yet: then only the weights count
 */
export function predict(
  manifest: ManifestDraft,
  weightBytes: number,
  cost: ModelCost | null,
  ability: DeviceAbility,
  calibration: Calibration | null,
  work: Workload,
): Prediction {
  return {
    peakBytes: peakBytes(manifest, weightBytes, cost, ability),
    seconds: cost === null || calibration === null ? null : predictSeconds(manifest, cost, calibration, work),
  };
}

/**
 * The most memory held at once.
 * @param rows latents that the denoiser sees in one run
 */
export function peakBytes(
  manifest: ManifestDraft,
  weightBytes: number,
  cost: ModelCost | null,
  ability: Pick<DeviceAbility, 'kind'>,
  rows = 1,
): number {
  const costs = pictureParts(manifest).map((part) => ({ part, one: cost?.[part] }));
  const activations = costs.map(
    ({ part, one }) => (one?.peakActivationBytes ?? 0) * (part === manifest.denoiser.part ? rows : 1),
  );
  // Where the graphs are not known, all weights may be packed.
  const packed =
    cost === null ? weightBytes : costs.reduce((sum, { one }) => sum + (one?.packedBytes ?? 0), 0);
  return RUNTIME_BYTES + weightBytes + (ability.kind === 'cpu' ? packed : 0) + Math.max(0, ...activations);
}

/**
 * Bytes of the parts that a picture needs, each in the form that the device would run.
 * @param sizeOf bytes of a file of the manifest
 */
export function openedBytes(
  manifest: ManifestDraft,
  ability: DeviceAbility,
  sizeOf: (path: string) => number,
): number {
  let bytes = 0;
  for (const part of pictureParts(manifest)) {
    const variants = manifest.parts[part]?.variants ?? [];
    const variant = variants.find((one) => one.compute === 'float32' || ability.shaderF16) ?? variants[0];
    const paths = variant === undefined ? [] : [variant.graph, ...variant.weights];
    bytes += paths.reduce((sum, path) => sum + sizeOf(path), 0);
  }
  return bytes;
}

/** Sums over the runs of each part; null when a part was not counted whole. */
function predictSeconds(
  manifest: ManifestDraft,
  cost: ModelCost,
  calibration: Calibration,
  work: Workload,
): number | null {
  let seconds = 0;
  for (const [part, runs] of Object.entries(partRuns(manifest, work))) {
    const one = cost[part];
    if (one === undefined || one.uncounted > 0) return null;
    seconds += runs * secondsOfRun(one, calibration);
  }
  return seconds;
}

export function secondsOfRun(cost: GraphCost, calibration: Calibration): number {
  return (
    cost.matmulFlops / calibration.matmulFlopsPerSecond +
    cost.convFlops / calibration.convFlopsPerSecond +
    cost.movedBytes / calibration.bytesPerSecond +
    cost.nodes * calibration.secondsPerNode
  );
}
