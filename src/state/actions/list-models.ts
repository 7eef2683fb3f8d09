import { useDraft } from '#state/draft.ts';
import { fitDraft } from '#state/fit-draft.ts';
import { findModel, useModels } from '#state/models.ts';
import { services } from '#state/services.ts';

/** Asks the engine which models there are, and fits the form to the one it names. */
export async function listModels(): Promise<void> {
  useModels.setState({ status: 'loading', failure: null });
  await refreshModels();
}

/** The same without a word, when the library has changed: what is on screen stays until the answer is there. */
export async function refreshModels(): Promise<void> {
  const result = await services().engine.listModels();
  if (!result.ok) {
    useModels.setState({ status: 'failed', failure: result.failure });
    return;
  }
  useModels.setState({ status: 'ready', failure: null, models: result.models });
  const manifest = findModel(result.models, useDraft.getState().modelId);
  if (manifest !== null) useDraft.setState((draft) => fitDraft(draft, manifest));
}
