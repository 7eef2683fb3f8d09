/** Why a setting of a picture cannot be taken here, in words. */
import type { Manifest } from '#core/models/manifest.ts';
import { supportedSizes } from '#core/pipeline/check-request.ts';
import type { Control, Options, Range } from '#core/pipeline/controls.ts';
import { MAX_SEED } from '#core/pipeline/request.ts';

export function offReason(control: Control<unknown>): string | null {
  return control.enabled ? null : control.reason;
}

export function rangeProblem(
  value: number,
  control: Control<number, Range>,
  { name }: Manifest,
): string | null {
  if (!control.enabled) return control.value === value ? null : control.reason;
  return value >= control.min && value <= control.max
    ? null
    : `${name} takes ${control.min} to ${control.max}.`;
}

export function choiceProblem(
  id: string,
  control: Control<string, Options>,
  { name }: Manifest,
): string | null {
  if (!control.enabled) return control.value === id ? null : control.reason;
  return control.options.some((option) => option.id === id) ? null : `${name} cannot be drawn with it.`;
}

export function sizeProblem(
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
  manifest: Manifest,
): string | null {
  const { only, minPx, maxPx, multiplePx } = manifest.sizes;
  const isFit = only
    ? only.some((size) => size.widthPx === widthPx && size.heightPx === heightPx)
    : [widthPx, heightPx].every((side) => side >= minPx && side <= maxPx && side % multiplePx === 0);
  return isFit ? null : `${manifest.name} draws ${supportedSizes(manifest.sizes)}.`;
}

/** Of what a file says and no control took. */
export function whyNot(key: string, value: string): string {
  switch (key) {
    case 'Seed':
      return Number(value) > MAX_SEED ? `Seeds here go up to ${MAX_SEED}.` : 'Not a seed.';
    case 'Sampler':
      return 'There is no sampler of this name here.';
    case 'Schedule type':
      return 'There is no schedule of this name here.';
    case 'Clip skip':
      return 'Models here are read at the layer they were exported with.';
    case 'Hires upscale':
    case 'Hires upscaler':
    case 'Hires steps':
    case 'Second pass':
      return 'The second pass here has settings and an upscaler of its own.';
    case 'Source picture':
    case 'Denoising strength':
      return 'It was drawn from another picture, which is not in this file.';
    case 'kiln':
    case 'parameters':
    case 'prompt':
    case 'workflow':
      return 'This text in the file could not be read.';
    default:
      return 'No setting here stands for it.';
  }
}
