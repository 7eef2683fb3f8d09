/** The calibration on the real runtime: its graphs open and run, and its rates predict what a tiny model needs. */
import { expect, it } from 'vitest';
import { guardModel } from '#core/onnx/guard.ts';
import { calibrationProbes, calibrationSchema } from '#core/passport/calibration.ts';
import * as v from 'valibot';
import { calibrate } from './calibrate.ts';

Object.assign(globalThis, { crossOriginIsolated: false });
if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { hardwareConcurrency: 1 } });

it('its graphs are as sound as any model’s', () => {
  for (const { graph, measures } of calibrationProbes())
    expect(guardModel(graph, { weights: new Map() }), measures).toMatchObject({ ok: true });
});

it('answers four rates, each a positive number', async () => {
  const calibration = await calibrate(null);
  expect(v.is(calibrationSchema, calibration), JSON.stringify(calibration)).toBe(true);
  expect(calibration.device).toBe('cpu');
});
