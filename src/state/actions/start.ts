import { probeDevice } from '#state/actions/choose-device.ts';
import { lookForInterrupted } from '#state/actions/look-for-interrupted.ts';
import { recallPassport } from '#state/actions/measure-device.ts';
import { listModels } from '#state/actions/list-models.ts';
import { recallRates } from '#state/actions/recall-rates.ts';
import { readAdapters } from '#state/actions/read-adapters.ts';
import { readWords } from '#state/actions/change-words.ts';
import { readKits } from '#state/actions/read-kits.ts';
import { listenToLibrary } from '#state/actions/read-library.ts';
import { loadEarlier } from '#state/actions/load-earlier.ts';
import { rollSeed } from '#state/actions/roll-seed.ts';
import { openPicture } from '#state/actions/open-picture.ts';
import { useDraft } from '#state/draft.ts';
import { useGallery } from '#state/gallery.ts';
import { services } from '#state/services.ts';

/** Fills the stores at the start: pictures, models, device and what was interrupted, none waiting for the others. */
export async function start(): Promise<void> {
  const { seed, isSeedLocked } = useDraft.getState();
  if (seed === 0 && !isSeedLocked) rollSeed();
  await Promise.all([
    readGallery(),
    listModels(),
    readAdapters(),
    readKits(),
    readWords(),
    listenToLibrary(),
    probeDevice().then(recallPassport),
    lookForInterrupted(),
    recallRates(),
  ]);
}

async function readGallery(): Promise<void> {
  const { gallery } = services();
  if (!gallery.durable) useGallery.setState({ trouble: 'memory-only' });
  else if (gallery.lost) useGallery.setState({ trouble: 'lost' });
  await loadEarlier();
  const { pictures, view } = useGallery.getState();
  if (view === null && pictures[0]) await openPicture(pictures[0].id);
}
