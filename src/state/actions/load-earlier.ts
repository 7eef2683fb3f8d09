import { toGalleryPicture } from '#state/actions/keep-picture.ts';
import { useGallery } from '#state/gallery.ts';
import { services } from '#state/services.ts';

const PAGE = 60;
let isReading = false;

/** Reads the next page of the strip. */
export async function loadEarlier(): Promise<void> {
  if (isReading) return;
  isReading = true;
  try {
    const before = useGallery.getState().pictures.at(-1)?.createdAt ?? Number.MAX_SAFE_INTEGER;
    const cards = await services().gallery.list({ before, limit: PAGE });
    const earlier = cards.map((card) => toGalleryPicture(card, true));
    useGallery.setState(({ pictures }) => ({
      status: 'ready',
      pictures: [...pictures, ...earlier],
      hasEarlier: cards.length === PAGE,
    }));
  } finally {
    isReading = false;
  }
}
