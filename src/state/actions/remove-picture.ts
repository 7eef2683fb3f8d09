import { openPicture } from '#state/actions/open-picture.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { findPicture, useGallery } from '#state/gallery.ts';
import { rememberRemoved } from '#state/removed.ts';
import { services } from '#state/services.ts';

/** Deletes a picture from the disk at once; a copy in memory allows `undoRemove` while the toast shows. */
export async function removePicture(id: string): Promise<void> {
  const state = useGallery.getState();
  const picture = findPicture(state, id);
  if (picture === null) return;
  const { gallery } = services();
  const png = await gallery.png(id);
  const { thumbnailUrl, isSaved: _, ...card } = picture;
  await gallery.remove(id);
  if (png !== null) rememberRemoved({ card, png });

  const at = state.pictures.indexOf(picture);
  const neighbour = state.pictures[at + 1] ?? state.pictures[at - 1] ?? null;
  const isOpen = state.view?.kind === 'picture' && state.view.id === id;
  useGallery.setState(({ pictures }) => ({
    pictures: pictures.filter((other) => other.id !== id),
    ...(isOpen && neighbour === null ? { view: null } : {}),
  }));
  URL.revokeObjectURL(thumbnailUrl);
  if (isOpen && neighbour !== null) void openPicture(neighbour.id);
  showToast({ text: 'Picture deleted.', tone: 'plain', action: png === null ? null : 'undo-remove' });
}
