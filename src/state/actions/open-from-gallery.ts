import { toGalleryPicture } from '#state/actions/keep-picture.ts';
import { openPicture } from '#state/actions/open-picture.ts';
import { showPage } from '#state/actions/show-page.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { useBrowse } from '#state/browse.ts';
import { findPicture, useGallery } from '#state/gallery.ts';
import { services } from '#state/services.ts';

/** Shows a picture of the gallery on the stage. */
export async function openFromGallery(id: string): Promise<void> {
  useBrowse.setState({ focusId: id });
  if (!(await visit(id))) {
    const text = 'This picture can no longer be read from the gallery.';
    showToast({ text, tone: 'trouble', action: null });
    return;
  }
  showPage('stage');
  await openPicture(id);
}

/** Reads a picture that is too old for the strip. @returns whether it is there */
export async function visit(id: string): Promise<boolean> {
  if (findPicture(useGallery.getState(), id) !== null) return true;
  const card = await services()
    .gallery.card(id)
    .catch(() => null);
  if (card === null) return false;
  const { visiting } = useGallery.getState();
  if (visiting !== null) URL.revokeObjectURL(visiting.thumbnailUrl);
  useGallery.setState({ visiting: toGalleryPicture(card, true) });
  return true;
}
