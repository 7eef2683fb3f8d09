import { showCard } from '#state/actions/keep-picture.ts';
import { openPicture } from '#state/actions/open-picture.ts';
import { useBrowse } from '#state/browse.ts';
import { useGallery } from '#state/gallery.ts';
import { usePage } from '#state/page.ts';
import { takeRemoved } from '#state/removed.ts';
import { services } from '#state/services.ts';
import { useToast } from '#state/toast.ts';

/** From so many on it shows how far it is. */
const MANY = 25;

/** Brings back the pictures that were deleted last, in their old places. */
export async function undoRemove(): Promise<void> {
  const removed = takeRemoved();
  const [first] = removed;
  if (first === undefined) return;
  useToast.setState({ toast: null });
  const isMany = removed.length > MANY;
  for (const [done, { card, png }] of removed.entries()) {
    if (isMany && done % MANY === 0)
      useBrowse.setState({
        task: { kind: 'restore', done, total: removed.length, isCancelling: false },
      });
    const kept = await services().gallery.add(card, png);
    showCard(card, kept.durable);
  }
  if (isMany) useBrowse.setState({ task: null });
  const isOnStage = usePage.getState().page === 'stage';
  if (removed.length === 1 && isOnStage && useGallery.getState().view?.kind !== 'run') {
    await openPicture(first.card.id);
  }
}
