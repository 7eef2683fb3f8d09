import { useDraft } from '#state/draft.ts';
import { fitDraft } from '#state/fit-draft.ts';
import { findModel, useModels } from '#state/models.ts';
import { type ModelsResult, services } from '#state/services.ts';

/** Asks the engine which models there are, and fits the form to the one it names. */
export async function listModels(): Promise<void> {
  useModels.setState({ status: 'loading', failure: null });
  await refreshModels();
}

/** The question asked last: an answer to an earlier one may come after its own. */
let latest: Promise<ModelsResult>;

/** The same without a word, when the library has changed: what is on screen stays until the answer is there. */
export async function refreshModels(): Promise<void> {
  latest = services().engine.listModels();
  let waited: Promise<ModelsResult>;
  let result: ModelsResult;
  do {
    waited = latest;
    result = await waited;
  } while (waited !== latest);
  if (!result.ok) {
    useModels.setState({ status: 'failed', failure: result.failure });
    return;
  }
  useModels.setState({ status: 'ready', failure: null, models: result.models });
  const manifest = findModel(result.models, useDraft.getState().modelId);
  if (manifest !== null) useDraft.setState((draft) => fitDraft(draft, manifest));
}
