/** What the form offers for a model: its manifest says which controls have an effect, and within which limits. */
import type { Manifest } from '#core/models/manifest.ts';
import { choicesFor, maxGuidance, type Choice } from './check-request.ts';
import { MAX_COUNT, MAX_HIRES_SCALE, MAX_SEED } from './request.ts';

/** A control that would change nothing is shown with its reason, and `value` is what a request carries instead. */
export type Control<V, Limits = unknown> =
  | ({ enabled: true; default: V } & Limits)
  | { enabled: false; reason: string; value: V };

export interface Size {
  widthPx: number;
  heightPx: number;
}

export interface Range {
  min: number;
  max: number;
}

export interface Options {
  options: { id: string; label: string }[];
}

export interface Controls {
  negativePrompt: Control<string>;
  guidanceScale: Control<number, Range>;
  guidanceRescale: Control<number, Range>;
  sampler: Control<string, Options>;
  schedule: Control<string, Options>;
  steps: Control<number, Range>;
  /** `only`: the sizes to choose from; `null`: any side within the limits. */
  size: Control<Size, { multiplePx: number; minPx: number; maxPx: number; only: Size[] | null }>;
  /** Without a default: a new request draws its seed. */
  seed: { enabled: true } & Range;
  count: Control<number, Range>;
  /** Starting from a picture; the value is its strength. */
  source: Control<number, Range>;
  /** The second pass; the value is its scale. */
  hires: Control<number, Range>;
}

/** The strength of a source that has just been chosen, and of the second pass. */
const DEFAULT_STRENGTH = 0.6;
const DEFAULT_HIRES_SCALE = 2;

/** @param all every sampler and schedule that exists; the model's own are picked from them */
export function controlsFor(
  manifest: Manifest,
  all: { samplers: readonly Choice[]; schedules: readonly Choice[] },
): Controls {
  const samplers = choicesFor(manifest, 'samplers', all.samplers);
  const schedules = choicesFor(manifest, 'schedules', all.schedules);
  return {
    ...guidanceControls(manifest),
    sampler: choiceControl(samplers, manifest.samplers.default, 'sampler'),
    schedule: choiceControl(schedules, manifest.schedules.default, 'schedule'),
    steps: stepsControl(manifest.steps),
    size: sizeControl(manifest.sizes),
    seed: { enabled: true, min: 0, max: MAX_SEED },
    count: { enabled: true, default: 1, min: 1, max: MAX_COUNT },
    ...pictureControls(manifest),
  };
}

/**
 * Why the negative prompt has no effect right now although the model knows one, for a line beside it.
 * @returns `null` when it has, or when the control is off altogether
 */
export function negativePromptHint({ guidance }: Manifest, guidanceScale: number): string | null {
  const isIdle = guidance.kind === 'classifier-free' && guidanceScale === 1;
  return isIdle ? 'At guidance 1 the negative prompt has no effect.' : null;
}

function guidanceControls(
  manifest: Manifest,
): Pick<Controls, 'negativePrompt' | 'guidanceScale' | 'guidanceRescale'> {
  const { guidance } = manifest;
  if (guidance.kind === 'distilled') {
    return {
      negativePrompt: off('', 'Guidance is trained into this model, so a negative prompt has no effect.'),
      guidanceScale: off(1, 'Guidance is trained into this model, so its scale cannot be changed.'),
      guidanceRescale: off(0, 'Guidance is trained into this model, so there is nothing to rescale.'),
    };
  }
  const guidanceScale = {
    enabled: true,
    default: guidance.default,
    min: 0,
    max: maxGuidance(manifest),
  } as const;
  if (guidance.kind === 'embedded') {
    return {
      negativePrompt: off('', 'This model takes guidance as a number, so a negative prompt has no effect.'),
      guidanceScale,
      guidanceRescale: off(0, 'This model takes guidance as a number, so there is nothing to rescale.'),
    };
  }
  return {
    negativePrompt: { enabled: true, default: '' },
    guidanceScale,
    guidanceRescale: { enabled: true, default: 0, min: 0, max: 1 },
  };
}

function pictureControls({ encoder }: Manifest): Pick<Controls, 'source' | 'hires'> {
  if (encoder === undefined) {
    return {
      source: off(
        DEFAULT_STRENGTH,
        'This model comes without the part that reads pictures, so it cannot start from one.',
      ),
      hires: off(
        1,
        'This model comes without the part that reads pictures, so it cannot refine an enlarged one.',
      ),
    };
  }
  return {
    source: { enabled: true, default: DEFAULT_STRENGTH, min: 0.01, max: 1 },
    hires: { enabled: true, default: DEFAULT_HIRES_SCALE, min: 1, max: MAX_HIRES_SCALE },
  };
}

function choiceControl(
  choices: readonly Choice[],
  preferred: string,
  noun: 'sampler' | 'schedule',
): Control<string, Options> {
  const chosen = choices.find(({ id }) => id === preferred) ?? choices[0];
  if (!chosen) return off(preferred, `This version of the studio knows no ${noun} that fits this model.`);
  if (choices.length === 1) return off(chosen.id, `This model works with one ${noun} only, ${chosen.label}.`);
  return { enabled: true, default: chosen.id, options: choices.map(({ id, label }) => ({ id, label })) };
}

function stepsControl({ default: steps, min, max }: Manifest['steps']): Controls['steps'] {
  if (min < max) return { enabled: true, default: steps, min, max };
  return off(min, `This model makes its pictures in ${min === 1 ? 'one step' : `${min} steps`}.`);
}

function sizeControl(sizes: Manifest['sizes']): Controls['size'] {
  const { multiplePx, minPx, maxPx, only } = sizes;
  const single = only?.length === 1 ? only[0] : !only && minPx === maxPx ? sizes.default : null;
  if (single)
    return off(single, `This model makes pictures of ${single.widthPx}×${single.heightPx} pixels only.`);
  return { enabled: true, default: sizes.default, multiplePx, minPx, maxPx, only: only ?? null };
}

function off<V>(value: V, reason: string): { enabled: false; reason: string; value: V } {
  return { enabled: false, reason, value };
}
