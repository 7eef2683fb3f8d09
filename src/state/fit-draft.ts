/** Between the form and the model: what fits stays, what does not becomes the manifest's default. */
import { applyKit, type Dressable, type KitNote } from '#core/kits/kit.ts';
import type { Failure } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { Control, Options, Range } from '#core/pipeline/controls.ts';
import type { GenerateRequest, PromptPair } from '#core/pipeline/request.ts';
import { effectiveAdapters, misfitIn, useAdapters } from '#state/adapters.ts';
import { controlsOf, requestProblem } from '#state/controls.ts';
import type { Draft } from '#state/draft.ts';
import { findKit, useKits } from '#state/kits.ts';
import { composeDraft, wordsProblem } from '#state/words.ts';

/**
 * Makes a form fit a model. What a control that is off holds is left alone: it has no effect now, and comes back
 * with a model that knows it.
 */
export function fitDraft(draft: Draft, manifest: Manifest): Draft {
  const controls = controlsOf(manifest);
  return {
    ...draft,
    modelId: manifest.id,
    steps: fitNumber(draft.steps, controls.steps),
    guidanceScale: fitNumber(draft.guidanceScale, controls.guidanceScale),
    guidanceRescale: fitNumber(draft.guidanceRescale, controls.guidanceRescale),
    count: fitNumber(draft.count, controls.count),
    sampler: fitChoice(draft.sampler, controls.sampler),
    schedule: fitChoice(draft.schedule, controls.schedule),
    ...fitSize(draft, controls.size),
  };
}

function fitNumber(value: number, control: Control<number, Range>): number {
  if (!control.enabled) return Number.isFinite(value) ? value : control.value;
  return value >= control.min && value <= control.max ? value : control.default;
}

function fitChoice(id: string, control: Control<string, Options>): string {
  if (!control.enabled) return id === '' ? control.value : id;
  return control.options.some((option) => option.id === id) ? id : control.default;
}

function fitSize({ widthPx, heightPx }: Draft, control: ReturnType<typeof controlsOf>['size']) {
  const size = { widthPx, heightPx };
  if (!control.enabled) return control.value;
  const { only, minPx, maxPx, multiplePx } = control;
  const isFit = only
    ? only.some((other) => other.widthPx === widthPx && other.heightPx === heightPx)
    : [widthPx, heightPx].every((side) => side >= minPx && side <= maxPx && side % multiplePx === 0);
  return isFit ? size : control.default;
}

export type Frozen = { ok: true; request: GenerateRequest } | { ok: false; failure: Failure };

/**
 * The request a form asks for now: dressed in its kit, prompts trimmed, and each control that is off at the value it
 * stands for. The only way from a form to a request, so that whoever draws refuses the same form for the same reason.
 */
export function freezeDraft(draft: Draft, manifest: Manifest, revision?: string): Frozen {
  const frozen = requestOf(draft, manifest);
  const request = revision === undefined ? frozen : { ...frozen, revision };
  const failure = wordsProblem(draft) ?? misfitIn(request, manifest) ?? requestProblem(request, manifest);
  return failure === null ? { ok: true, request } : { ok: false, failure };
}

function requestOf(draft: Draft, manifest: Manifest): GenerateRequest {
  // A whole request may have been put into the form, its note of a kit with it.
  const {
    isSeedLocked: _,
    kitId,
    styles: _on,
    kit: _stale,
    adapters: _own,
    init,
    variation,
    hires,
    ...asked
  }: Draft & { kit?: KitNote } = draft;
  const listed = effectiveAdapters(draft.adapters, useAdapters.getState().cards, manifest);
  const controls = controlsOf(manifest);
  const hasNegative = controls.negativePrompt.enabled;
  const { template, ...texts } = composeDraft(hasNegative ? draft : { ...draft, negativePrompt: '' });
  const bare: Dressable = { ...texts, adapters: listed };
  const worn = findKit(useKits.getState(), kitId);
  // What a kit brings is never left out in silence: the engine refuses what does not fit.
  const dressed = worn === null ? bare : applyKit(bare, worn);
  const { adapters = [], kit, prompts } = dressed;
  const size = controls.size.enabled ? {} : controls.size.value;
  return {
    ...asked,
    ...size,
    modelId: manifest.id,
    prompt: dressed.prompt,
    negativePrompt: effective(dressed.negativePrompt, controls.negativePrompt),
    steps: effective(draft.steps, controls.steps),
    guidanceScale: effective(draft.guidanceScale, controls.guidanceScale),
    guidanceRescale: effective(draft.guidanceRescale, controls.guidanceRescale),
    sampler: effective(draft.sampler, controls.sampler),
    schedule: effective(draft.schedule, controls.schedule),
    ...(init === null || !controls.source.enabled ? {} : { init }),
    ...(variation === null ? {} : { variation }),
    ...(hires === null || init !== null || !controls.hires.enabled ? {} : { hires }),
    ...(adapters.length === 0 ? {} : { adapters }),
    ...(kit === undefined ? {} : { kit }),
    ...(prompts === undefined ? {} : { prompts: hasNegative ? prompts : prompts.map(withoutNegative) }),
    ...(template === undefined ? {} : { template }),
  };
}

function withoutNegative({ prompt }: PromptPair): PromptPair {
  return { prompt, negativePrompt: '' };
}

/** What a control stands for now: its own value while it is off. */
export function effective<V>(value: V, control: Control<V>): V {
  return control.enabled ? value : control.value;
}
