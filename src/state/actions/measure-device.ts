import * as v from 'valibot';
import type { Manifest } from '#core/models/manifest.ts';
import { calibrationSchema } from '#core/passport/calibration.ts';
import type { Workload } from '#core/passport/model-cost.ts';
import { addRecord, recordSchema } from '#core/passport/record.ts';
import type { DeviceReport, Picture } from '#engine/api.ts';
import { useDevice } from '#state/device.ts';
import { findModel, useModels } from '#state/models.ts';
import { assess, costKey, fingerprint, sizesOf, usePassport } from '#state/passport.ts';
import { usePreferences } from '#state/preferences.ts';
import { services } from '#state/services.ts';

const CALIBRATIONS = 'passport-calibrations';
const RECORDS = 'passport-records';

/** A new browser version may be faster or slower, and so may another graphics card. */
function deviceName({ gpu, cpu }: DeviceReport): string {
  // Tests in Node have no browser to name.
  const browser = 'navigator' in globalThis ? navigator.userAgent : '';
  return JSON.stringify([browser, gpu, cpu]);
}

const storedSchema = v.object({ of: v.string(), calibrations: v.array(calibrationSchema) });

/** Reads what was measured and predicted in earlier visits. To be called when the device is known. */
export function recallPassport(): void {
  const { report } = useDevice.getState();
  if (report === null) return;
  const { settings } = services();
  const stored = v.safeParse(storedSchema, settings.read(CALIBRATIONS));
  const records = v.safeParse(v.array(recordSchema), settings.read(RECORDS));
  const known = stored.success && stored.output.of === deviceName(report) ? stored.output.calibrations : [];
  usePassport.setState({
    calibrations: Object.fromEntries(known.map((one) => [one.device, one])),
    records: records.success ? records.output : [],
  });
}

/** Times the device that is chosen now, and remembers it for this browser's version. */
export async function measureDevice(): Promise<void> {
  if (usePassport.getState().isMeasuring) return;
  usePassport.setState({ isMeasuring: true });
  const result = await services().engine.calibrate(usePreferences.getState().device);
  usePassport.setState({ isMeasuring: false });
  if (!result.ok) return;
  const { calibration } = result;
  const calibrations = { ...usePassport.getState().calibrations, [calibration.device]: calibration };
  usePassport.setState({ calibrations });
  const { report } = useDevice.getState();
  if (report === null) return;
  const stored = { of: deviceName(report), calibrations: Object.values(calibrations) };
  services().settings.write(CALIBRATIONS, stored);
}

/** Counts what a model costs, once per size. A model whose graphs cannot be read has no cost. */
export async function inspectModel(manifest: Manifest, work: Workload): Promise<void> {
  const key = costKey(manifest, work);
  if (usePassport.getState().costs[key] !== undefined) return;
  const result = await services().engine.inspect(manifest.id, work);
  if (!result.ok) return;
  usePassport.setState(({ costs, drawsTogether }) => ({
    costs: { ...costs, [key]: result.cost },
    drawsTogether: { ...drawsTogether, [fingerprint(manifest)]: result.drawsTogether },
  }));
}

/** The runtime's memory never shrinks, so what it holds is told of the first model of a visit only. */
let firstModel: string | null = null;

/**
 * Sets what a picture took beside what would have been said of it.
 * @param peakBytes the most memory held so far, where the device tells
 */
export async function recordPicture(picture: Picture, peakBytes: number | null): Promise<void> {
  const { request, times, device } = picture;
  const manifest = findModel(useModels.getState().models, request.modelId);
  firstModel ??= request.modelId;
  const { report } = useDevice.getState();
  if (manifest?.id !== request.modelId || report?.chosen !== device) return;
  await inspectModel(manifest, request);
  const { costs, calibrations, records } = usePassport.getState();
  const cost = costs[costKey(manifest, request)] ?? null;
  const said = assess(manifest, sizesOf(manifest), request, cost, { report, calibrations });
  if (said === null) return;
  const steps = times.stepsMs.reduce((sum, ms) => sum + ms, 0);
  const kept = addRecord(records, {
    model: fingerprint(manifest),
    device,
    predictedSeconds: said.seconds,
    actualSeconds: Math.max(0.001, (times.textMs + steps + times.decodeMs) / 1000),
    predictedPeakBytes: said.peakBytes,
    // What is said is said of one picture at a time.
    actualPeakBytes: firstModel === request.modelId && picture.together === undefined ? peakBytes : null,
  });
  usePassport.setState({ records: kept });
  services().settings.write(RECORDS, kept);
}
