/** The loaded model's controls, from its manifest and from every sampler and schedule there is. */
import type { Failure } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { checkRequest } from '#core/pipeline/check-request.ts';
import { type Controls, controlsFor } from '#core/pipeline/controls.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { SAMPLERS } from '#core/sampling/samplers.ts';
import { SCHEDULES } from '#core/sampling/schedules.ts';

export const CHOICES = { samplers: Object.values(SAMPLERS), schedules: Object.values(SCHEDULES) };

const known = new WeakMap<Manifest, Controls>();

export function controlsOf(manifest: Manifest): Controls {
  const controls = known.get(manifest) ?? controlsFor(manifest, CHOICES);
  known.set(manifest, controls);
  return controls;
}

/** The first thing the model cannot do about a request, or null. */
export function requestProblem(request: GenerateRequest, manifest: Manifest): Failure | null {
  return checkRequest(request, manifest, CHOICES);
}

/** A schedule's name for people; its id where this build does not know it. */
export function scheduleName(id: string): string {
  return CHOICES.schedules.find((schedule) => schedule.id === id)?.label ?? id;
}

/** A sampler's name for people; its id where this build does not know it. */
export function samplerName(id: string): string {
  return CHOICES.samplers.find((sampler) => sampler.id === id)?.label ?? id;
}
