/** The device passport: what was measured here, what models cost, and how right earlier predictions were. */
import { create } from 'zustand';
import type { Manifest } from '#core/models/manifest.ts';
import type { Calibration } from '#core/passport/calibration.ts';
import { abilityOf, checkFit, type Fit } from '#core/passport/fit.ts';
import type { ManifestDraft, ModelCost, Workload } from '#core/passport/model-cost.ts';
import { openedBytes, type Prediction, predict } from '#core/passport/predict.ts';
import type { PassportRecord } from '#core/passport/record.ts';
import type { DeviceKind, DeviceReport } from '#engine/api.ts';

export interface PassportState {
  /** Of this browser on this device; a kind that was not measured is absent. */
  calibrations: Partial<Record<DeviceKind, Calibration>>;
  isMeasuring: boolean;
  /** Work of one run of each part, by `costKey`. */
  costs: Readonly<Record<string, ModelCost>>;
  /** Whether a model draws several pictures in one run, by its `fingerprint`; absent while it is not known. */
  drawsTogether: Readonly<Record<string, boolean>>;
  records: readonly PassportRecord[];
}

export const usePassport = create<PassportState>(() => ({
  calibrations: {},
  isMeasuring: false,
  costs: {},
  drawsTogether: {},
  records: [],
}));

/** Names a model's very files: another version is another key. */
export function fingerprint(manifest: Manifest): string {
  const hashes = Object.keys(manifest.files)
    .sort()
    .map((path) => manifest.files[path]?.sha256.slice(0, 6) ?? '');
  return `${manifest.id}:${hashes.join('')}`;
}

export function costKey(manifest: Manifest, { widthPx, heightPx }: Workload): string {
  return `${fingerprint(manifest)}@${widthPx}x${heightPx}`;
}

export interface Assessment extends Prediction {
  fit: Fit;
  /** Whether the time is missing because this device was not measured. */
  isMeasured: boolean;
}

/** @returns null while the device is not known */
export function assess(
  manifest: ManifestDraft,
  sizeOf: (path: string) => number,
  work: Workload,
  cost: ModelCost | null,
  { report, calibrations }: { report: DeviceReport | null } & Pick<PassportState, 'calibrations'>,
): Assessment | null {
  if (report === null) return null;
  const ability = abilityOf(report);
  const calibration = calibrations[ability.kind] ?? null;
  const weightBytes = openedBytes(manifest, ability, sizeOf);
  const prediction = predict(manifest, weightBytes, cost, ability, calibration, work);
  return {
    ...prediction,
    fit: checkFit(manifest, cost, ability, prediction.peakBytes),
    isMeasured: calibration !== null,
  };
}

export function sizesOf(manifest: Manifest): (path: string) => number {
  return (path) => manifest.files[path]?.sizeBytes ?? 0;
}
