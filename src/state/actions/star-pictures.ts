import { changePictures } from '#state/actions/change-pictures.ts';
import { usePictures } from '#state/pictures.ts';
import { useGallery } from '#state/gallery.ts';

/** Gives each a star; takes it from all when all have one. */
export async function toggleStars(ids: readonly string[]): Promise<void> {
  const asked = new Set(ids);
  const known = [...usePictures.getState().entries, ...useGallery.getState().pictures];
  const isStarred = known.some((one) => asked.has(one.id) && one.isStarred !== true);
  await changePictures(ids, () => ({ isStarred }));
}
