import { expect, test } from 'vitest';
import type { AdapterLayer } from './adapter.ts';
import { misfitOf, type ModelLayers } from './fit.ts';
import { LayerIndex } from './stack.ts';

function model(
  component: 'denoiser' | 'text1',
  ...layers: [path: string, inFeatures: number][]
): ModelLayers {
  const shaped = layers.map(([path, inFeatures]) => ({
    path,
    kind: 'linear' as const,
    inFeatures,
    outFeatures: 8,
    kernel: [1, 1] as const,
  }));
  return new Map([[component, new LayerIndex(shaped)]]);
}

function layer(component: AdapterLayer['component'], name: string, inFeatures = 16): AdapterLayer {
  const matrices = { down: `${name}.down`, up: `${name}.up`, mid: null, alpha: null, rootScale: false };
  return { component, layer: name, rank: 4, inFeatures, outFeatures: 8, kernel: [1, 1], ...matrices };
}

const MODEL = model('denoiser', ['blocks.0.to_q', 16], ['blocks.0.to_k', 16]);

test('an adapter fits where each of its layers that the model has is of the same shape', () => {
  expect(misfitOf([layer('denoiser', 'blocks_0_to_q')], MODEL)).toBeNull();
  // Exports leave out layers that nobody reads, and a part of another network is no fault either.
  expect(misfitOf([layer('denoiser', 'blocks_0_to_q'), layer('denoiser', 'gone')], MODEL)).toBeNull();
  expect(misfitOf([layer('denoiser', 'blocks_0_to_q'), layer('text1', 'q_proj')], MODEL)).toBeNull();
});

test('one of another shape, and one without a single place, say why', () => {
  expect(misfitOf([layer('denoiser', 'blocks_0_to_q', 32)], MODEL)).toBe(
    'its "blocks.0.to_q" is 32 to 8, the model\'s 16 to 8',
  );
  expect(misfitOf([layer('denoiser', 'other'), layer('text1', 'blocks_0_to_q')], MODEL)).toBe(
    'the model has none of its 2 layers',
  );
});

test('a text encoder that is alike does not make up for a denoiser that is not', () => {
  const both: ModelLayers = new Map([...MODEL, ...model('text1', ['layers.0.q_proj', 16])]);
  expect(misfitOf([layer('text1', 'layers_0_q_proj')], both)).toBeNull();
  expect(misfitOf([layer('text1', 'layers_0_q_proj'), layer('denoiser', 'other')], both)).toBe(
    'the model’s denoiser has none of its 1 layers',
  );
});
