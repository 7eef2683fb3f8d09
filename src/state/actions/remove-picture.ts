import { removePictures } from '#state/actions/remove-pictures.ts';
import { findPicture, useGallery } from '#state/gallery.ts';

/** Deletes one picture of the strip, or the one on the stage. */
export async function removePicture(id: string): Promise<void> {
  if (findPicture(useGallery.getState(), id) !== null) await removePictures([id]);
}
