/** A small model of no family, for tests of what a manifest means. */
import { parseManifest, type Manifest } from '#core/models/manifest.ts';
import type { Choice } from './check-request.ts';

export const samplers: Choice[] = [
  { id: 'euler', label: 'Euler', paths: ['diffusion'] },
  { id: 'heun', label: 'Heun', paths: ['diffusion', 'flow'] },
  { id: 'flow-euler', label: 'Flow Euler', paths: ['flow'] },
];

export const schedules: Choice[] = [
  { id: 'normal', label: 'Normal', paths: ['diffusion', 'flow'] },
  { id: 'leading', label: 'Leading', paths: ['diffusion'] },
];

const variants = [{ id: 'fp32', compute: 'float32', graph: 'model.onnx', weights: [] }];
const file = { sizeBytes: 1, sha256: '0'.repeat(64) };

/** @param changes top-level keys of the manifest, as they would stand in its JSON */
export function manifestWith(changes: Record<string, unknown>): Manifest {
  const result = parseManifest({
    format: 1,
    id: 'example',
    name: 'Example',
    summary: 'An example.',
    licence: { spdx: 'MIT', plain: 'Free to use.' },
    family: 'example',
    noise: {
      path: 'diffusion',
      prediction: 'epsilon',
      trainTimesteps: 1000,
      betaStart: 0.00085,
      betaEnd: 0.012,
      betaSchedule: 'scaled_linear',
    },
    latent: { channels: 4, downscale: 8, scale: 0.18215 },
    sizes: { default: { widthPx: 512, heightPx: 512 }, multiplePx: 64, minPx: 200, maxPx: 1000 },
    steps: { default: 20, min: 1, max: 50 },
    samplers: { default: 'heun' },
    schedules: { default: 'normal' },
    guidance: { kind: 'classifier-free', default: 7 },
    tokenizers: {
      text: { tokenizer: 't.json', config: 'c.json', window: 77, startId: 1, endId: 2, padId: 0 },
    },
    textEncoders: [{ part: 'text', tokenizer: 'text', embeddings: 'out' }],
    conditioning: {},
    denoiser: { part: 'net', inputs: { sample: 'x', timestep: 't', text: 'c' }, output: 'y' },
    decoder: { part: 'net', input: 'z', output: 'image' },
    parts: { text: { variants }, net: { variants } },
    files: { 't.json': file, 'c.json': file, 'model.onnx': file },
    ...changes,
  });
  if (!result.ok) throw new Error(result.reason);
  return result.manifest;
}
