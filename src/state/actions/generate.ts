import { readyKit } from '#state/actions/bring-kit.ts';
import { noteEarlier } from '#state/actions/change-words.ts';
import { runRequest } from '#state/actions/run-request.ts';
import { useDraft } from '#state/draft.ts';
import { freezeDraft } from '#state/fit-draft.ts';
import { findModel, useModels } from '#state/models.ts';
import { usePreferences } from '#state/preferences.ts';
import { randomSeed } from '#state/random-seed.ts';
import { useRun } from '#state/run.ts';

/** Freezes the form into a request and puts it into the queue. */
export async function generate(): Promise<void> {
  const { models } = useModels.getState();
  const manifest = findModel(models, useDraft.getState().modelId);
  if (manifest === null) return;
  if (useDraft.getState().kitId !== '') {
    const lacking = await readyKit(manifest);
    if (lacking !== null) {
      useRun.setState({ formFailure: lacking });
      return;
    }
  }
  if (!useDraft.getState().isSeedLocked) useDraft.setState({ seed: randomSeed() });
  const draft = useDraft.getState();
  const frozen = freezeDraft(draft, manifest);
  if (!frozen.ok) {
    useRun.setState({ formFailure: frozen.failure });
    return;
  }
  const { negativePrompt, styles } = draft;
  void noteEarlier({
    prompt: draft.prompt.trim(),
    negativePrompt: negativePrompt.trim(),
    styles: [...styles],
  });
  const { device, preview, isUpscaling } = usePreferences.getState();
  await runRequest({ request: frozen.request, device, preview, upscale: isUpscaling });
}
