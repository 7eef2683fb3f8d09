import { openPicture } from '#state/actions/open-picture.ts';
import { useGallery } from '#state/gallery.ts';

/** Opens the picture `by` places further down the strip (older is +1). Stays put at either end. */
export async function stepPicture(by: number): Promise<void> {
  const { pictures, view } = useGallery.getState();
  if (view?.kind !== 'picture') return;
  const from = pictures.findIndex((picture) => picture.id === view.id);
  const to = pictures[from + by];
  if (from !== -1 && to) await openPicture(to.id);
}
