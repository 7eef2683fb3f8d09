/** What the loaded model lets a person change, and why not where it does not. */
import type { Failure } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { SAMPLERS } from '#core/sampling/samplers.ts';
import { SCHEDULES } from '#core/sampling/schedules.ts';
import { type GenerateRequest, MAX_COUNT, MAX_SEED } from '#core/pipeline/request.ts';

export interface Choice {
  id: string;
  name: string;
}

export type ControlName =
  | 'negativePrompt'
  | 'guidanceScale'
  | 'guidanceRescale'
  | 'steps'
  | 'sampler'
  | 'schedule'
  | 'size'
  | 'preview';

/** A sentence for each control that has no effect; null where it works. */
export type ControlReasons = Record<ControlName, string | null>;

export function samplersFor({ noise, samplers }: Manifest): Choice[] {
  return Object.values(SAMPLERS)
    .filter(({ id, paths }) => samplers.only?.includes(id) ?? paths.includes(noise.path))
    .map(toChoice);
}

export function schedulesFor({ noise, schedules }: Manifest): Choice[] {
  return Object.values(SCHEDULES)
    .filter(({ id, paths }) => schedules.only?.includes(id) ?? paths.includes(noise.path))
    .map(toChoice);
}

function toChoice({ id, label }: { id: string; label: string }): Choice {
  return { id, name: label };
}

export function controlReasons(manifest: Manifest): ControlReasons {
  const distilled = manifest.guidance.kind === 'distilled' ? 'Guidance is distilled into this model.' : null;
  const one = 'This model offers one only.';
  return {
    negativePrompt:
      manifest.guidance.kind === 'classifier-free' ? null : 'This model does not use a negative prompt.',
    guidanceScale: distilled,
    guidanceRescale: manifest.guidance.kind === 'classifier-free' ? null : 'Needs two-pass guidance.',
    steps: manifest.steps.min === manifest.steps.max ? one : null,
    sampler: samplersFor(manifest).length < 2 ? one : null,
    schedule: schedulesFor(manifest).length < 2 ? one : null,
    size: manifest.sizes.only?.length === 1 ? one : null,
    preview: null,
  };
}
export function requestProblem(request: GenerateRequest, _manifest: Manifest): Failure | null {
  if (request.prompt === '') return { code: 'prompt-empty' };
  if (!(request.seed >= 0 && request.seed <= MAX_SEED)) return { code: 'seed-invalid', seed: request.seed };
  if (request.count > MAX_COUNT) return { code: 'count-invalid', count: request.count, max: MAX_COUNT };
  return null;
}

/** A sampler's name for people; its id where this build does not know it. */
export function samplerName(id: string): string {
  return Object.values(SAMPLERS).find((sampler) => sampler.id === id)?.label ?? id;
}
