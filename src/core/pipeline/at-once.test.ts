import { describe, expect, test } from 'vitest';
import type { DeviceAbility } from '../passport/fit.ts';
import type { GraphCost } from '../passport/graph-cost.ts';
import { autoAtOnce, batchedInputs, isDrawnTogether } from './at-once.ts';
import { manifestWith } from './example-manifest.test-data.ts';
import type { GenerateRequest } from './request.ts';

const REQUEST: GenerateRequest = {
  modelId: 'example',
  prompt: 'a cat',
  negativePrompt: '',
  seed: 1,
  steps: 4,
  sampler: 'euler',
  schedule: 'normal',
  guidanceScale: 1,
  guidanceRescale: 0,
  widthPx: 512,
  heightPx: 512,
  count: 8,
};

function graph(sample: number | string, timestep: number | string, states: number | string) {
  return [
    { name: 'sample', dims: [sample, 4, 64, 64] },
    { name: 'timestep', dims: [timestep] },
    { name: 'states', dims: [states, 77, 768] },
  ];
}

describe('which graphs draw together', () => {
  const inputs = { sample: 'sample', timestep: 'timestep', text: 'states' };
  test('those whose batch has one name wherever a picture is told apart', () => {
    expect(batchedInputs({ inputs }, graph('batch', 'batch', 'batch'))).toEqual(
      new Set(['sample', 'states', 'timestep']),
    );
    // One timestep serves all.
    expect(batchedInputs({ inputs }, graph('batch', 1, 'batch'))).toEqual(new Set(['sample', 'states']));
    expect(batchedInputs({ inputs }, graph('batch', 'steps', 'batch'))).toEqual(
      new Set(['sample', 'states']),
    );
    expect(batchedInputs({ inputs }, graph(1, 1, 1))).toBeNull();
    expect(batchedInputs({ inputs }, graph('batch', 1, 1))).toBeNull();
    expect(batchedInputs({ inputs }, graph('', '', ''))).toBeNull();
    // Told of each picture, and not in this graph's batch.
    const pooled = { ...inputs, pooled: 'pooled' };
    expect(batchedInputs({ inputs: pooled }, graph('batch', 'batch', 'batch'))).toBeNull();
  });
});

test('what starts from a picture, or has a second pass, is drawn alone', () => {
  expect(isDrawnTogether(REQUEST)).toBe(true);
  expect(isDrawnTogether({ ...REQUEST, variation: { seed: 3, strength: 0.2 } })).toBe(true);
  expect(isDrawnTogether({ ...REQUEST, count: 1 })).toBe(false);
  expect(isDrawnTogether({ ...REQUEST, hires: { scale: 2, steps: 4, strength: 0.5 } })).toBe(false);
  expect(isDrawnTogether({ ...REQUEST, init: { sha256: 'a', strength: 0.5, fit: 'crop' } })).toBe(false);
});

describe('what auto comes to', () => {
  const MB = 1e6;
  const manifest = manifestWith({});
  const gpu: DeviceAbility = {
    kind: 'webgpu',
    shaderF16: false,
    maxBufferBytes: 2_000 * MB,
    maxBindingBytes: 2_000 * MB,
    memoryBytes: 8_000 * MB,
    isMemoryCapped: true,
  };
  const costOf = (peakActivationBytes: number) => {
    const one = { peakActivationBytes, packedBytes: 0, matmulFlops: 1e9, convFlops: 1e9 } as GraphCost;
    return { [manifest.denoiser.part]: one, [manifest.decoder.part]: one };
  };
  const auto = (activations: number, ability = gpu, request = REQUEST, isSoftware = false) =>
    autoAtOnce(manifest, costOf(activations), 2_000 * MB, ability, isSoftware, request);

  test('as many as memory is sure to hold, up to four', () => {
    expect(auto(100 * MB)).toBe(4);
    expect(auto(800 * MB)).toBe(2);
    expect(auto(1_500 * MB)).toBe(1);
    // With its negative prompt a picture takes twice as much.
    expect(auto(400 * MB, gpu, { ...REQUEST, guidanceScale: 5 })).toBe(2);
  });

  test('no buffer grows beyond what the device can bind, and unknown memory is a modest machine’s', () => {
    expect(auto(100 * MB, { ...gpu, maxBindingBytes: 250 * MB })).toBe(2);
    expect(auto(100 * MB, { ...gpu, memoryBytes: null, isMemoryCapped: false })).toBe(1);
    expect(auto(60 * MB, { ...gpu, memoryBytes: null, isMemoryCapped: false })).toBe(2);
  });

  test('on the CPU as many as make a short run', () => {
    const cpu = { ...gpu, kind: 'cpu' as const, maxBufferBytes: null, maxBindingBytes: null };
    expect(auto(1, cpu)).toBe(4);
    expect(auto(1, cpu, { ...REQUEST, guidanceScale: 5 })).toBe(2);
    const large = { ...costOf(1)[manifest.denoiser.part]!, matmulFlops: 5e9 };
    const cost = { [manifest.denoiser.part]: large };
    expect(autoAtOnce(manifest, cost, 1e9, cpu, false, REQUEST)).toBe(1);
  });

  test('one where the GPU is software, and where the graphs are not known', () => {
    expect(auto(1, gpu, REQUEST, true)).toBe(1);
    expect(autoAtOnce(manifest, null, 1, gpu, false, REQUEST)).toBe(1);
  });
});
