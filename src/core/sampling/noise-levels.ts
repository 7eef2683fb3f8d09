/** How much of the data is left at each training timestep of a variance-preserving diffusion. */
import type { Noise } from '../models/manifest.ts';
import type { Level } from './schedule.ts';

export type DiffusionNoise = Extract<Noise, { path: 'diffusion' }>;
export type FlowNoise = Extract<Noise, { path: 'flow' }>;

const { fround } = Math;

/**
 * ᾱ of every training timestep, rounded to float32 where the reference rounds: near both ends the later
 * arithmetic magnifies the difference.
 */
export function alphaBars(noise: DiffusionNoise): Float32Array {
  const plain = products(betas(noise).map((beta) => 1 - beta));
  return noise.rescaleZeroSnr ? products(withZeroTerminal(plain)) : plain;
}

/** alpha and sigma at a whole training timestep, from `alphaBars`. */
export function levelAt(bars: Float32Array, timestep: number): Level {
  const bar = bars[timestep];
  if (bar === undefined) throw new RangeError(`timestep ${timestep} is not one of ${bars.length}`);
  return { alpha: Math.sqrt(bar), sigma: Math.sqrt(1 - bar) };
}

/** The same level as a ratio sigma/alpha, the σ of Karras et al. (2022), for every training timestep. */
export function sigmaRatios(bars: Float32Array): Float32Array {
  return bars.map((bar) => {
    // A terminal ratio of ∞ would end every computation; the reference puts ᾱ at float16's smallest number.
    const kept = bar === 0 ? 2 ** -24 : bar;
    return Math.sqrt(fround(fround(1 - kept) / kept));
  });
}

/** The level whose ratio sigma/alpha is `ratio`. */
export function levelOfRatio(ratio: number): Level {
  const alpha = 1 / Math.sqrt(ratio * ratio + 1);
  return { alpha, sigma: ratio * alpha };
}

function betas({ trainTimesteps, betaStart, betaEnd, betaSchedule }: DiffusionNoise): Float32Array {
  switch (betaSchedule) {
    case 'linear':
      return linspace32(betaStart, betaEnd, trainTimesteps);
    case 'scaled_linear':
      return linspace32(Math.sqrt(betaStart), Math.sqrt(betaEnd), trainTimesteps).map((root) => root * root);
    case 'squaredcos_cap_v2':
      return Float32Array.from({ length: trainTimesteps }, (_, i) =>
        Math.min(1 - cosineBar((i + 1) / trainTimesteps) / cosineBar(i / trainTimesteps), 0.999),
      );
  }
}

/** Nichol and Dhariwal (2021), eq. 17, at a share `t` of the way. */
function cosineBar(t: number): number {
  return Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2;
}

/** Lin et al. (2023), algorithm 1, on ᾱ: the factors of a schedule whose last timestep keeps nothing of the data. */
function withZeroTerminal(bars: Float32Array): Float32Array {
  const roots = bars.map((bar) => Math.sqrt(bar));
  const first = roots[0]!;
  const last = roots[roots.length - 1]!;
  const stretch = fround(first / fround(first - last));
  const moved = roots.map((root) => fround(root - last) * stretch).map((root) => root * root);
  const factors = moved.map((bar, i) => (i === 0 ? bar : bar / moved[i - 1]!));
  // The reference returns to betas here and leaves them at once; both steps round.
  return factors.map((factor) => 1 - factor).map((beta) => 1 - beta);
}

/** Running products, held in double precision between the roundings, as torch.cumprod does. */
function products(factors: Float32Array): Float32Array {
  let product = 1;
  return factors.map((factor) => (product *= factor));
}

/** torch.linspace in float32, which counts from the nearer end and rounds once an element. */
function linspace32(start: number, end: number, length: number): Float32Array {
  const from = fround(start);
  const to = fround(end);
  const step = fround(fround(to - from) / (length - 1));
  return Float32Array.from({ length }, (_, i) =>
    i < length / 2 ? from + step * i : to - step * (length - 1 - i),
  );
}
