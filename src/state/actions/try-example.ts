import { editDraft } from '#state/actions/edit-draft.ts';
import { generate } from '#state/actions/generate.ts';
import { type Draft, EMPTY_DRAFT, NO_PICTURES, useDraft } from '#state/draft.ts';
import { fitDraft } from '#state/fit-draft.ts';
import { findModel, useModels } from '#state/models.ts';

/**
 * Fills the prompt with an example and makes it.
 * @param seed with it everything else is as the model comes, so that it is the very picture of that seed
 */
export async function tryExample(prompt: string, seed: number | null = null): Promise<void> {
  editDraft({ prompt });
  if (seed === null) {
    await generate();
    return;
  }
  const { modelId, isSeedLocked } = useDraft.getState();
  const manifest = findModel(useModels.getState().models, modelId);
  const plain: Draft = { ...EMPTY_DRAFT, ...NO_PICTURES, modelId, prompt, seed, isSeedLocked: true };
  if (manifest !== null) editDraft(fitDraft(plain, manifest));
  const drawn = generate();
  // The next one is another picture again, unless it was to be this one all along.
  editDraft({ isSeedLocked });
  await drawn;
}
