/** Writes into a PNG what it was made from: the request itself, the field's text, and that a machine made it. */
import { pictureTexts, requestInfotext } from '#core/metadata/picture-text.ts';
import { insertTexts } from '#core/metadata/png-text.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { SAMPLERS, type SamplerId } from '#core/sampling/samplers.ts';
import { SCHEDULES, type ScheduleId } from '#core/sampling/schedules.ts';

/** @param request of this one picture, already checked: its sampler and schedule exist */
export function describePicture(
  png: Uint8Array<ArrayBuffer>,
  request: GenerateRequest,
  manifest: Manifest,
  upscalerName?: string,
): { png: Uint8Array<ArrayBuffer>; parameters: string } {
  const names = {
    samplerLabel: SAMPLERS[request.sampler as SamplerId].label,
    scheduleLabel: SCHEDULES[request.schedule as ScheduleId].label,
    modelName: manifest.id,
    modelHash: denoiserHash(manifest),
    ...(upscalerName === undefined ? {} : { upscalerName }),
  };
  const described = insertTexts(png, pictureTexts(request, names));
  if (!described.ok) throw new Error(`The picture's text could not be written: ${described.reason}`);
  return { png: described.value, parameters: requestInfotext(request, names) };
}

/** The field names a model by the first ten digits of its weights' sha256; ours are the denoiser's. */
function denoiserHash(manifest: Manifest): string | null {
  const variant = manifest.parts[manifest.denoiser.part]?.variants[0];
  const path = variant?.weights[0] ?? variant?.graph;
  return path === undefined ? null : (manifest.files[path]?.sha256.slice(0, 10) ?? null);
}
