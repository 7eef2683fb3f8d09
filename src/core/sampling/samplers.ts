/** The table of samplers, and the one way to start one. */
import type { Noise } from '../models/manifest.ts';
import { dpmpp2m } from './dpmpp-2m.ts';
import { dpmppSde } from './dpmpp-sde.ts';
import { eulerAncestral } from './euler-ancestral.ts';
import { euler } from './euler.ts';
import { heun } from './heun.ts';
import { lcm } from './lcm.ts';
import type { Grid, Start, Walk } from './schedule.ts';
import { tcd } from './tcd.ts';
import { unipc } from './unipc.ts';

export type SamplerId =
  | 'euler'
  | 'euler-a'
  | 'heun'
  | 'ddim'
  | 'dpmpp-2m'
  | 'dpmpp-sde'
  | 'unipc'
  | 'lcm'
  | 'tcd'
  | 'flow-euler';

export interface SamplerInfo {
  readonly id: SamplerId;
  /** The field's name, as it stands under "Sampler" in a picture's metadata. */
  readonly label: string;
  readonly paths: readonly Noise['path'][];
  /** Draws noise between steps, so that a picture needs more of its seed's stream than the first latent. */
  readonly noisy: boolean;
  /** Network evaluations of a step; the last step of a second-order sampler takes one. */
  readonly evaluationsPerStep: 1 | 2;
  readonly grid: Grid;
}

const diffusion = ['diffusion'] as const;
const both = ['diffusion', 'flow'] as const;
const once = { noisy: false, evaluationsPerStep: 1 } as const;

export const SAMPLERS: Readonly<Record<SamplerId, SamplerInfo>> = {
  euler: { id: 'euler', label: 'Euler', paths: diffusion, ...once, grid: 'continuous' },
  'euler-a': { id: 'euler-a', label: 'Euler a', paths: diffusion, ...once, noisy: true, grid: 'continuous' },
  heun: { id: 'heun', label: 'Heun', paths: both, ...once, evaluationsPerStep: 2, grid: 'continuous' },
  ddim: { id: 'ddim', label: 'DDIM', paths: diffusion, ...once, grid: 'whole' },
  'dpmpp-2m': { id: 'dpmpp-2m', label: 'DPM++ 2M', paths: both, ...once, grid: 'dpm' },
  'dpmpp-sde': { id: 'dpmpp-sde', label: 'DPM++ SDE', paths: both, ...once, noisy: true, grid: 'dpm' },
  unipc: { id: 'unipc', label: 'UniPC', paths: both, ...once, grid: 'unipc' },
  lcm: { id: 'lcm', label: 'LCM', paths: both, ...once, noisy: true, grid: 'consistency' },
  tcd: { id: 'tcd', label: 'TCD', paths: diffusion, ...once, noisy: true, grid: 'consistency' },
  'flow-euler': { id: 'flow-euler', label: 'Flow Euler', paths: ['flow'], ...once, grid: 'continuous' },
};

/**
 * A walk that has not yet asked. `next()` without an answer brings the first question.
 * @throws RangeError when the sampler is not for the model's noise path
 */
export function startSampler({
  sampler,
  noise,
  ...start
}: Start & { readonly sampler: SamplerId; readonly noise: Noise }): Walk {
  switch (sampler) {
    case 'euler':
    case 'ddim':
    case 'flow-euler':
      return euler(start);
    case 'euler-a':
      return eulerAncestral(start);
    case 'heun':
      return heun(start);
    case 'dpmpp-2m':
      return dpmpp2m(start);
    case 'dpmpp-sde':
      return dpmppSde(start);
    case 'unipc':
      return unipc(start);
    case 'lcm':
      return lcm(start);
    case 'tcd':
      if (noise.path === 'flow') throw new RangeError('"tcd" is not for the flow path');
      return tcd({ ...start, noise });
  }
}
