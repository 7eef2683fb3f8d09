import { probeDevice } from '#state/actions/choose-device.ts';
import { lookForInterrupted } from '#state/actions/look-for-interrupted.ts';
import { loadEarlier } from '#state/actions/load-earlier.ts';
import { rollSeed } from '#state/actions/roll-seed.ts';
import { openPicture } from '#state/actions/open-picture.ts';
import { useDraft } from '#state/draft.ts';
import { fitDraft } from '#state/fit-draft.ts';
import { useGallery } from '#state/gallery.ts';
import { findModel, useModels } from '#state/models.ts';
import { services } from '#state/services.ts';

/** Fills the stores at the start: pictures, models, device and what was interrupted, none waiting for the others. */
export async function start(): Promise<void> {
  const { seed, isSeedLocked } = useDraft.getState();
  if (seed === 0 && !isSeedLocked) rollSeed();
  await Promise.all([readGallery(), listModels(), probeDevice(), lookForInterrupted()]);
}

async function readGallery(): Promise<void> {
  const { gallery } = services();
  if (!gallery.durable) useGallery.setState({ trouble: 'memory-only' });
  else if (gallery.lost) useGallery.setState({ trouble: 'lost' });
  await loadEarlier();
  const { pictures, view } = useGallery.getState();
  if (view === null && pictures[0]) await openPicture(pictures[0].id);
}

/** Asks the engine which models there are, and fits the form to the one it names. */
export async function listModels(): Promise<void> {
  useModels.setState({ status: 'loading', failure: null });
  const result = await services().engine.listModels();
  if (!result.ok) {
    useModels.setState({ status: 'failed', failure: result.failure });
    return;
  }
  useModels.setState({ status: 'ready', models: result.models });
  const manifest = findModel(result.models, useDraft.getState().modelId);
  if (manifest !== null) useDraft.setState((draft) => fitDraft(draft, manifest));
}
