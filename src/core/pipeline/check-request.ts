/** Whether a model can do what was asked. Nothing is corrected silently: the first fault is answered as a value. */
import type { Failure } from '#core/failure.ts';
import type { Manifest, Noise } from '#core/models/manifest.ts';
import { checkInputs } from './check-inputs.ts';
import { MAX_COUNT, MAX_SEED, type GenerateRequest } from './request.ts';

/** A sampler or a schedule, as `sampling/samplers.ts` and `sampling/schedules.ts` list them. */
export interface Choice {
  readonly id: string;
  readonly label: string;
  readonly paths: readonly Noise['path'][];
}

/** A scale without effect is still held to something, so that the picture's text stays readable. */
const MAX_IDLE_GUIDANCE = 20;

/**
 * @param samplers all that exist; those of another noise path or outside the model's own list count as unknown
 * @param schedules likewise
 * @returns the first failure, in the order of the form, or `null` when the request can go on
 */
export function checkRequest(
  request: GenerateRequest,
  manifest: Manifest,
  { samplers, schedules }: { samplers: readonly Choice[]; schedules: readonly Choice[] },
): Failure | null {
  const texts = request.prompts ?? [request];
  if (texts.some(({ prompt }) => prompt.trim() === '')) return { code: 'prompt-empty' };
  if (request.prompts !== undefined && request.prompts.length !== request.count) {
    const message = `${request.prompts.length} prompts for ${request.count} pictures`;
    return { code: 'unexpected', message, stack: null };
  }
  return (
    checkNumbers(request, manifest) ??
    checkChoices(
      request,
      choicesFor(manifest, 'samplers', samplers),
      choicesFor(manifest, 'schedules', schedules),
    ) ??
    checkSize(request, manifest.sizes) ??
    checkInputs(request, manifest)
  );
}

/** Those of `all` that fit the model's noise path and its own list, where it has one. */
export function choicesFor(
  manifest: Manifest,
  kind: 'samplers' | 'schedules',
  all: readonly Choice[],
): Choice[] {
  const { only } = manifest[kind];
  return all.filter(
    ({ id, paths }) => paths.includes(manifest.noise.path) && (only === undefined || only.includes(id)),
  );
}

/** The highest guidance scale a request may carry. */
export function maxGuidance({ guidance }: Manifest): number {
  return guidance.kind === 'distilled' ? MAX_IDLE_GUIDANCE : guidance.max;
}

function checkNumbers(request: GenerateRequest, manifest: Manifest): Failure | null {
  const { seed, steps, guidanceScale, guidanceRescale, count } = request;
  const { min, max } = manifest.steps;
  if (!isWholeWithin(seed, 0, MAX_SEED)) return { code: 'seed-invalid', seed };
  if (!isWholeWithin(steps, min, max)) return { code: 'steps-unsupported', steps, min, max };
  if (!(guidanceScale >= 0 && guidanceScale <= maxGuidance(manifest))) {
    return { code: 'guidance-invalid', guidanceScale, max: maxGuidance(manifest) };
  }
  if (!(guidanceRescale >= 0 && guidanceRescale <= 1)) {
    // Form and recall keep to 0..1, so this is a bug and no choice of a person.
    return { code: 'unexpected', message: `guidanceRescale is ${guidanceRescale}, not 0 to 1`, stack: null };
  }
  if (!isWholeWithin(count, 1, MAX_COUNT)) return { code: 'count-invalid', count, max: MAX_COUNT };
  return null;
}

function checkChoices(
  { sampler, schedule }: GenerateRequest,
  samplers: readonly Choice[],
  schedules: readonly Choice[],
): Failure | null {
  if (!samplers.some(({ id }) => id === sampler)) {
    return { code: 'sampler-unknown', sampler, known: samplers.map(({ id }) => id) };
  }
  if (!schedules.some(({ id }) => id === schedule)) {
    return { code: 'schedule-unknown', schedule, known: schedules.map(({ id }) => id) };
  }
  return null;
}

function checkSize({ widthPx, heightPx }: GenerateRequest, sizes: Manifest['sizes']): Failure | null {
  const { multiplePx, minPx, maxPx, only } = sizes;
  const isListed = only?.some((size) => size.widthPx === widthPx && size.heightPx === heightPx);
  if (isListed === true) return null;
  const isWithin = [widthPx, heightPx].every((side) => side >= minPx && side <= maxPx);
  if (isListed === false || !isWithin) {
    return { code: 'size-unsupported', widthPx, heightPx, supported: supportedSizes(sizes) };
  }
  if (widthPx % multiplePx === 0 && heightPx % multiplePx === 0) return null;
  const nearest = { widthPx: nearestSide(widthPx, sizes), heightPx: nearestSide(heightPx, sizes) };
  return { code: 'size-off-grid', widthPx, heightPx, multiplePx, nearest };
}

/** A phrase for people: `256×256, 384×256`, or `256 to 1024 pixels a side, in steps of 64`. */
export function supportedSizes({ only, minPx, maxPx, multiplePx }: Manifest['sizes']): string {
  if (only) return only.map(({ widthPx, heightPx }) => `${widthPx}×${heightPx}`).join(', ');
  return `${minPx} to ${maxPx} pixels a side, in steps of ${multiplePx}`;
}

function nearestSide(sidePx: number, { multiplePx, minPx, maxPx }: Manifest['sizes']): number {
  const least = Math.ceil(minPx / multiplePx);
  const most = Math.floor(maxPx / multiplePx);
  return Math.min(most, Math.max(least, Math.round(sidePx / multiplePx))) * multiplePx;
}

function isWholeWithin(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}
