import { readyKit } from '#state/actions/bring-kit.ts';
import { provePair } from '#state/actions/prove-adapters.ts';
import { useDraft } from '#state/draft.ts';
import { freezeDraft } from '#state/fit-draft.ts';
import { findKit, useKits } from '#state/kits.ts';
import { findModel, useModels } from '#state/models.ts';
import type { Proof } from '#state/proof.ts';
import { isRunning, useRun } from '#state/run.ts';

/** Draws the form's request at its seed, first without its kit and then in it. The pictures are not kept. */
export async function proveKit(place: Proof['place']): Promise<void> {
  const draft = useDraft.getState();
  const manifest = findModel(useModels.getState().models, draft.modelId);
  const kit = findKit(useKits.getState(), draft.kitId);
  if (manifest === null || kit === null || isRunning(useRun.getState())) return;
  const lacking = await readyKit(manifest);
  if (lacking !== null) {
    useRun.setState({ formFailure: lacking });
    return;
  }
  const one = { ...draft, count: 1 };
  const [bare, worn] = [freezeDraft({ ...one, kitId: '' }, manifest), freezeDraft(one, manifest)];
  await provePair(bare, worn, place, {
    without: 'Without the kit',
    with: `With ${kit.name}`,
    made: worn.ok ? worn.request.prompt : '',
  });
}
