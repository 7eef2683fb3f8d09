import { showCard } from '#state/actions/keep-picture.ts';
import { openPicture } from '#state/actions/open-picture.ts';
import { takeRemoved } from '#state/removed.ts';
import { services } from '#state/services.ts';
import { makeThumbnail } from '#state/thumbnail.ts';
import { useToast } from '#state/toast.ts';

/** Brings back the picture that was deleted last, in its old place. */
export async function undoRemove(): Promise<void> {
  const removed = takeRemoved();
  if (removed === null) return;
  useToast.setState({ toast: null });
  const card = { ...removed.card, thumbnail: await makeThumbnail(removed.png) };
  const kept = await services().gallery.add(card, removed.png);
  showCard(card, kept.durable);
  await openPicture(card.id);
}
