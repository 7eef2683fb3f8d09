import { showCard } from '#state/actions/keep-picture.ts';
import { openPicture } from '#state/actions/open-picture.ts';
import { useGallery } from '#state/gallery.ts';
import { usePage } from '#state/page.ts';
import { takeRemoved } from '#state/removed.ts';
import { services } from '#state/services.ts';
import { useToast } from '#state/toast.ts';

/** Brings back the pictures that were deleted last, in their old places. */
export async function undoRemove(): Promise<void> {
  const removed = takeRemoved();
  const [first] = removed;
  if (first === undefined) return;
  useToast.setState({ toast: null });
  for (const { card, png } of removed) {
    const kept = await services().gallery.add(card, png);
    showCard(card, kept.durable);
  }
  const isOnStage = usePage.getState().page === 'stage';
  if (removed.length === 1 && isOnStage && useGallery.getState().view?.kind !== 'run') {
    await openPicture(first.card.id);
  }
}
