import { useDraft } from '#state/draft.ts';
import { fitDraft } from '#state/fit-draft.ts';
import { useModels } from '#state/models.ts';

/** Takes another model: what it cannot do falls back to its defaults, the rest of the form stays. */
export function chooseModel(id: string): void {
  const manifest = useModels.getState().models.find((model) => model.id === id);
  if (manifest) useDraft.setState((draft) => fitDraft(draft, manifest));
}
