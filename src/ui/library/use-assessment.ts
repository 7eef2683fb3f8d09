import { useEffect } from 'react';
import type { Manifest } from '#core/models/manifest.ts';
import { defaultWorkload, type Workload } from '#core/passport/model-cost.ts';
import { inspectModel } from '#state/actions/measure-device.ts';
import { useDevice } from '#state/device.ts';
import { type Assessment, assess, costKey, sizesOf, usePassport } from '#state/passport.ts';

/**
 * Whether a model fits this device and how long a picture takes, as far as it is known by now.
 * @param work what is asked of it; its own defaults when not given
 * @returns null while the device is not known
 */
export function useKnownAssessment(manifest: Manifest | null, work?: Workload): Assessment | null {
  const report = useDevice((state) => state.report);
  const calibrations = usePassport((state) => state.calibrations);
  const asked = manifest === null ? null : (work ?? defaultWorkload(manifest));
  const key = manifest === null || asked === null ? null : costKey(manifest, asked);
  const cost = usePassport((state) => (key === null ? null : (state.costs[key] ?? null)));
  if (manifest === null || asked === null) return null;
  return assess(manifest, sizesOf(manifest), asked, cost, { report, calibrations });
}

/** The same at the model's own settings; what it costs is found out where it is not known. */
export function useAssessment(manifest: Manifest | null): Assessment | null {
  useEffect(() => {
    if (manifest !== null) void inspectModel(manifest, defaultWorkload(manifest));
  }, [manifest]);
  return useKnownAssessment(manifest);
}
