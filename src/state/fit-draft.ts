/** Makes a form fit a model: what the manifest does not allow becomes its default, the rest stays. */
import type { Manifest } from '#core/models/manifest.ts';
import type { Draft } from '#state/draft.ts';
import { samplersFor, schedulesFor } from '#state/controls.ts';

export function fitDraft(draft: Draft, manifest: Manifest): Draft {
  const { steps, guidance, sizes } = manifest;
  const isSizeFit =
    sizes.only === undefined
      ? [draft.widthPx, draft.heightPx].every(
          (side) => side >= sizes.minPx && side <= sizes.maxPx && side % sizes.multiplePx === 0,
        )
      : sizes.only.some((size) => size.widthPx === draft.widthPx && size.heightPx === draft.heightPx);
  const isGuidanceFit =
    guidance.kind !== 'distilled' && draft.guidanceScale >= 0 && draft.guidanceScale <= guidance.max;
  const hasSampler = samplersFor(manifest).some((sampler) => sampler.id === draft.sampler);
  const hasSchedule = schedulesFor(manifest).some((schedule) => schedule.id === draft.schedule);
  return {
    ...draft,
    modelId: manifest.id,
    steps: draft.steps >= steps.min && draft.steps <= steps.max ? draft.steps : steps.default,
    guidanceScale: isGuidanceFit ? draft.guidanceScale : defaultGuidance(manifest),
    sampler: hasSampler ? draft.sampler : manifest.samplers.default,
    schedule: hasSchedule ? draft.schedule : manifest.schedules.default,
    widthPx: isSizeFit ? draft.widthPx : sizes.default.widthPx,
    heightPx: isSizeFit ? draft.heightPx : sizes.default.heightPx,
  };
}

/** A distilled model has its guidance in the weights: the request says 1, which is "none on top". */
function defaultGuidance(manifest: Manifest): number {
  return manifest.guidance.kind === 'distilled' ? 1 : manifest.guidance.default;
}
