import type { Manifest } from '#core/models/manifest.ts';
import { useDraft } from '#state/draft.ts';
import { findModel, useModels } from '#state/models.ts';

/** The manifest of the model in the form; null until the models are known. */
export function useManifest(): Manifest | null {
  const modelId = useDraft((draft) => draft.modelId);
  return useModels((state) => findModel(state.models, modelId));
}
