import { expect, test } from 'vitest';
import type { Noise } from '../models/manifest.ts';
import { toDenoised } from '../sampling/denoise.ts';
import { startSampler } from '../sampling/samplers.ts';
import { initialLatent } from '../sampling/schedule.ts';
import { makeSchedule } from '../sampling/schedules.ts';
import { type WalkRequest, walk } from './generate.ts';

const STEPS = 4;
const noise: Noise = { path: 'flow', prediction: 'v_prediction', trainTimesteps: 1000, shift: 1 };
const unitNoise = Float32Array.of(0.5, -1, 2);
const data = Float32Array.of(3, 1, -2);

const failing = () => Promise.reject(new Error('device lost'));

/** A walk of a flow whose network knows the one picture there is. */
function request(changes: Partial<WalkRequest> = {}): WalkRequest {
  const schedule = makeSchedule({ noise, schedule: 'trailing', sampler: 'flow-euler', steps: STEPS });
  const initial = initialLatent(schedule, unitNoise);
  return {
    sampler: startSampler({ sampler: 'flow-euler', noise, schedule, initial, gaussian: () => unitNoise }),
    predict: async () => unitNoise.map((value, i) => value - data[i]!),
    toDenoised: (output, ask) => toDenoised(noise.prediction, output, ask, noise.path),
    ...changes,
  };
}

test('a network that knows the picture leads to it', async () => {
  const steps: number[] = [];
  const outcome = await walk(request({ onStep: ({ step }) => steps.push(step) }));
  expect(steps).toEqual([0, 1, 2, 3]);
  if (outcome.kind !== 'done') throw new Error(outcome.kind);
  outcome.latent.forEach((value, i) => expect(value).toBeCloseTo(data[i]!, 5));
});

test.each([0, 1, 3])('a stop in step %i ends the walk in that step', async (stopAt) => {
  let asked = 0;
  let finished = 0;
  const plain = request();
  const outcome = await walk({
    ...plain,
    predict: (ask) => {
      asked++;
      return plain.predict(ask);
    },
    onStep: () => finished++,
    shouldStop: () => asked > stopAt,
  });
  expect(outcome).toEqual({ kind: 'cancelled' });
  expect(asked).toBe(stopAt + 1);
  expect(finished).toBe(stopAt);
});

test('a stop before the start asks the network nothing', async () => {
  expect(await walk(request({ predict: failing, shouldStop: () => true }))).toEqual({ kind: 'cancelled' });
});

test.each([
  ['nan', Float32Array.of(1, Number.NaN, 0)],
  ['nan', Float32Array.of(1, Number.POSITIVE_INFINITY, 0)],
  ['flat', Float32Array.of(0, 0, 0)],
] as const)('an output that no picture can come from is told with its step: %s', async (kind, broken) => {
  const plain = request();
  const outcome = await walk({
    ...plain,
    predict: async (ask) => (ask.step === 2 ? broken : plain.predict(ask)),
  });
  expect(outcome).toEqual({ kind, step: 2 });
});

test('an error of the network passes through', async () => {
  await expect(walk(request({ predict: failing }))).rejects.toThrow('device lost');
});
