import { describe, expect, it, test } from 'vitest';
import { manifestWith } from '../pipeline/example-manifest.test-data.ts';
import type { Calibration } from './calibration.ts';
import { checkFit, checkMemory, type DeviceAbility } from './fit.ts';
import type { GraphCost } from './graph-cost.ts';
import { defaultWorkload } from './model-cost.ts';
import { predict } from './predict.ts';
import { addRecord, errorOf, type PassportRecord } from './record.ts';

const GB = 1e9;

function ability(changes: Partial<DeviceAbility> = {}): DeviceAbility {
  return {
    kind: 'webgpu',
    shaderF16: false,
    maxBufferBytes: 256 * 2 ** 20,
    maxBindingBytes: 128 * 2 ** 20,
    memoryBytes: 8 * GB,
    isMemoryCapped: true,
    ...changes,
  };
}

const COST: GraphCost = {
  matmulFlops: 1e9,
  convFlops: 2e9,
  movedBytes: 1e8,
  nodes: 100,
  weightBytes: 4e8,
  packedBytes: 1e8,
  largestWeightBytes: 5e7,
  peakActivationBytes: 3e7,
  uncounted: 0,
};
const CALIBRATION: Calibration = {
  device: 'cpu',
  matmulFlopsPerSecond: 1e10,
  convFlopsPerSecond: 1e10,
  bytesPerSecond: 1e9,
  secondsPerNode: 1e-4,
};

function variant(id: string, compute: string) {
  return { id, compute, graph: 'model.onnx', weights: [] };
}

function modelWith(...computes: string[]) {
  const variants = computes.map((compute) => variant(compute, compute));
  return manifestWith({ parts: { text: { variants }, net: { variants } } });
}

describe('whether it fits', () => {
  test('a model that computes in float16 alone needs a GPU that does', () => {
    const half = modelWith('float16');
    const obstacle = { kind: 'half-precision', part: 'text' };
    expect(checkFit(half, null, ability(), GB)).toEqual({ fit: 'refused', obstacle });
    expect(checkFit(half, null, ability({ kind: 'cpu' }), GB)).toEqual({ fit: 'refused', obstacle });
    expect(checkFit(half, null, ability({ shaderF16: true }), GB)).toEqual({ fit: 'fits' });
    expect(checkFit(modelWith('float16', 'float32'), null, ability(), GB)).toEqual({ fit: 'fits' });
  });

  test('a weight that is larger than the smaller of the two buffer limits is named with both numbers', () => {
    const model = modelWith('float32');
    const cost = { text: COST, net: { ...COST, largestWeightBytes: 2e8 } };
    expect(checkFit(model, cost, ability(), GB)).toEqual({
      fit: 'refused',
      obstacle: {
        kind: 'weight-too-large',
        part: 'net',
        weightBytes: 2e8,
        limitBytes: 128 * 2 ** 20,
      },
    });
    const cpu = ability({ kind: 'cpu', maxBufferBytes: null, maxBindingBytes: null });
    expect(checkFit(model, cost, cpu, GB)).toEqual({ fit: 'fits' });
  });

  test('the CPU path ends at 4 GiB, the GPU’s does not', () => {
    const obstacle = { kind: 'address-space', neededBytes: 5 * GB, limitBytes: 2 ** 32 };
    const unknown = { memoryBytes: null };
    expect(checkMemory(ability({ kind: 'cpu', ...unknown }), 5 * GB)).toEqual({ fit: 'refused', obstacle });
    expect(checkMemory(ability(unknown), 5 * GB)).toEqual({ fit: 'fits' });
  });

  test('memory refuses only where the browser tells all of it', () => {
    const little = ability({ memoryBytes: 2 * GB, isMemoryCapped: false });
    expect(checkMemory(little, 3 * GB)).toMatchObject({ fit: 'refused', obstacle: { kind: 'memory' } });
    expect(checkMemory(little, 1.5 * GB)).toMatchObject({ fit: 'tight' });
    expect(checkMemory(little, 0.5 * GB)).toEqual({ fit: 'fits' });
    expect(checkMemory(ability(), 20 * GB)).toMatchObject({ fit: 'tight' });
  });
});

describe('a prediction', () => {
  const model = modelWith('float32');
  const work = { ...defaultWorkload(model), steps: 10, sampler: 'euler', guidanceScale: 7 };

  it('adds up what is counted at the rates that were measured', () => {
    const cost = { text: COST, net: COST };
    const once = 1e9 / 1e10 + 2e9 / 1e10 + 1e8 / 1e9 + 100 * 1e-4;
    // Two texts, two passes of ten steps; the decoder is the same part here.
    const { seconds } = predict(model, 4e8, cost, ability(), CALIBRATION, work);
    expect(seconds).toBeCloseTo((2 + 20 + 1) * once, 9);
  });

  it('says nothing about time before a measurement, without graphs, or with a product it could not count', () => {
    expect(predict(model, 4e8, { text: COST, net: COST }, ability(), null, work).seconds).toBeNull();
    expect(predict(model, 4e8, null, ability(), CALIBRATION, work).seconds).toBeNull();
    const partly = { text: COST, net: { ...COST, uncounted: 1 } };
    expect(predict(model, 4e8, partly, ability(), CALIBRATION, work).seconds).toBeNull();
  });

  it('counts a packed weight twice on the CPU, all of them where it cannot know, and the largest intermediate values once', () => {
    const none = predict(model, 4e8, null, ability(), null, work).peakBytes;
    const with30 = predict(model, 4e8, { text: COST, net: COST }, ability(), null, work).peakBytes;
    expect(with30 - none).toBe(3e7);
    const gpu = predict(model, 4e8, null, ability(), null, work).peakBytes;
    const cpu = predict(model, 4e8, null, ability({ kind: 'cpu' }), null, work).peakBytes;
    expect(cpu - gpu).toBe(4e8);
    const both = { text: COST, net: COST };
    const known = predict(model, 4e8, both, ability({ kind: 'cpu' }), null, work).peakBytes;
    expect(known - with30).toBe(2e8);
  });
});

describe('the record', () => {
  const record: PassportRecord = {
    model: 'm',
    device: 'cpu',
    predictedSeconds: 2,
    actualSeconds: 3,
    predictedPeakBytes: 100,
    actualPeakBytes: 110,
  };

  it('tells the median of what was over what was said', () => {
    const records = [record, { ...record, actualSeconds: 4 }, { ...record, actualSeconds: 1 }];
    expect(errorOf(records)).toEqual({ pictures: 3, time: 1.5, memory: 1.1 });
    expect(errorOf([{ ...record, predictedSeconds: null, actualPeakBytes: null }])).toEqual({
      pictures: 1,
      time: null,
      memory: null,
    });
    expect(errorOf([])).toEqual({ pictures: 0, time: null, memory: null });
  });

  it('forgets the oldest', () => {
    let records: PassportRecord[] = [];
    for (let i = 1; i <= 100; i++) records = addRecord(records, { ...record, actualSeconds: i });
    expect(records).toHaveLength(64);
    expect(records.at(-1)?.actualSeconds).toBe(100);
  });
});
