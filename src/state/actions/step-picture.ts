import { foundPictures } from '#state/actions/browse-gallery.ts';
import { visit } from '#state/actions/open-from-gallery.ts';
import { openPicture } from '#state/actions/open-picture.ts';
import { useGallery } from '#state/gallery.ts';

/**
 * Opens the picture `by` places further down (older is +1): of the strip, or of what the gallery found for a picture
 * that is not in the strip. Stays put at either end.
 */
export async function stepPicture(by: number): Promise<void> {
  const { pictures, view } = useGallery.getState();
  if (view?.kind !== 'picture') return;
  const isInStrip = pictures.some((picture) => picture.id === view.id);
  const order: readonly { id: string }[] = isInStrip ? pictures : foundPictures();
  const from = order.findIndex((picture) => picture.id === view.id);
  const to = order[from + by];
  if (from !== -1 && to && (await visit(to.id))) await openPicture(to.id);
}
