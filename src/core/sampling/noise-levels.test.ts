import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { alphaBars, type DiffusionNoise, levelAt, sigmaRatios } from './noise-levels.ts';

interface Golden {
  readonly noise: DiffusionNoise;
  readonly bars: readonly { readonly timestep: number; readonly bar: readonly [number] }[];
}

const goldens: Golden[] = JSON.parse(
  readFileSync(new URL('goldens/levels.golden.json', import.meta.url), 'utf8'),
);

test.each(goldens)('$noise.betaSchedule, zero SNR $noise.rescaleZeroSnr', ({ noise, bars }) => {
  const found = alphaBars(noise);
  // To the bit, but for the rescaled ones: torch's square root is not the correctly rounded one everywhere.
  const tolerance = noise.rescaleZeroSnr ? 3e-7 : 0;
  for (const { timestep, bar } of bars) {
    expect(Math.abs(found[timestep]! - Math.fround(bar[0]))).toBeLessThanOrEqual(tolerance);
  }
  expect(levelAt(found, noise.trainTimesteps - 1).alpha === 0).toBe(noise.rescaleZeroSnr);
});

test.each(goldens)(
  '$noise.betaSchedule, zero SNR $noise.rescaleZeroSnr: noise grows with time',
  ({ noise }) => {
    const ratios = sigmaRatios(alphaBars(noise));
    // All but the last, which zero terminal SNR caps; the linear betas come to more than the cap before it.
    const grows = ratios.slice(0, -1).every((ratio, i) => i === 0 || ratio > ratios[i - 1]!);
    expect(grows).toBe(true);
    expect(Number.isFinite(ratios[ratios.length - 1])).toBe(true);
  },
);

test('a timestep that was not trained is refused', () => {
  expect(() => levelAt(Float32Array.of(0.9, 0.5), 2)).toThrow(RangeError);
});
