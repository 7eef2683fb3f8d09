import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { combine } from '../math/vector.ts';
import { guidanceEmbedding, guide, toDenoised } from './denoise.ts';

interface Golden {
  readonly conditional: number[];
  readonly unconditional: number[];
  readonly scale: number;
  readonly guided: number[];
  readonly rescaled: { readonly rescale: number; readonly guided: number[] }[];
  readonly embeddings: { readonly scale: number; readonly width: number; readonly embedding: number[] }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('goldens/guidance.golden.json', import.meta.url), 'utf8'),
);
const conditional = Float32Array.from(golden.conditional);
const unconditional = Float32Array.from(golden.unconditional);

function expectClose(found: Float32Array, expected: readonly number[], tolerance: number): void {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThan(tolerance));
}

test('guidance and its rescaling are the reference’s', () => {
  expectClose(guide(conditional, unconditional, golden.scale), golden.guided, 1e-5);
  for (const { rescale, guided } of golden.rescaled) {
    expectClose(guide(conditional, unconditional, golden.scale, rescale), guided, 1e-5);
  }
});

test('a scale of 1 is the conditional answer', () => {
  expectClose(guide(conditional, unconditional, 1), golden.conditional, 1e-6);
});

test.each(golden.embeddings)('the embedding of scale $scale is the reference’s', (expected) => {
  // The angles reach 7500 in float32, whose last bit there is 5e-4.
  expectClose(guidanceEmbedding(expected.scale, expected.width), expected.embedding, 1e-3);
});

const number = fc.double({ min: -3, max: 3, noNaN: true });
const paths = ['diffusion', 'flow'] as const;

test.each(paths)('on the %s path a true prediction of any kind leads to the data', (path) => {
  fc.assert(
    fc.property(number, number, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (data, noise, sigma) => {
      const alpha = path === 'flow' ? 1 - sigma : Math.sqrt(1 - sigma * sigma);
      const clean = Float32Array.of(data);
      const unit = Float32Array.of(noise);
      const ask = { x: combine([alpha, clean], [sigma, unit]), alpha, sigma };
      const velocity =
        path === 'flow' ? combine([1, unit], [-1, clean]) : combine([alpha, unit], [-sigma, clean]);
      expectClose(toDenoised('sample', clean, ask, path), [data], 1e-4);
      expectClose(toDenoised('v_prediction', velocity, ask, path), [data], 1e-4);
      expectClose(toDenoised('epsilon', unit, ask, path), [data], 1e-3);
    }),
  );
});

test('a noise prediction at the start of a flow, where nothing is left of the data, stays finite', () => {
  const ask = { x: Float32Array.of(0.5), alpha: 0, sigma: 1 };
  expect(toDenoised('epsilon', Float32Array.of(0.4), ask, 'flow')[0]).toBeCloseTo(100, 3);
});
