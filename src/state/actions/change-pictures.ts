import { useGallery } from '#state/gallery.ts';
import { noteCards } from '#state/pictures.ts';
import { services } from '#state/services.ts';
import type { CardChange, StoredCard } from '#storage/gallery.ts';

/** Changes what is remembered of pictures beside their files, on the disk and then on the screen. */
export async function changePictures(
  ids: readonly string[],
  how: (card: StoredCard) => CardChange,
): Promise<void> {
  const changed = await services().gallery.change(ids, how);
  const byId = new Map(changed.map((card) => [card.id, card]));
  noteCards(changed);
  useGallery.setState(({ pictures, visiting }) => ({
    visiting: visiting === null ? null : { ...visiting, ...byId.get(visiting.id) },
    pictures: pictures.map((picture) => ({ ...picture, ...byId.get(picture.id) })),
  }));
}
