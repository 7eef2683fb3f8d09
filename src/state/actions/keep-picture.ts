import type { Picture } from '#engine/api.ts';
import { type GalleryPicture, useGallery } from '#state/gallery.ts';
import { services } from '#state/services.ts';
import { makeThumbnail } from '#state/thumbnail.ts';
import type { PictureCard } from '#storage/gallery.ts';

/** Saves a finished picture, then puts it at the head of the film strip. `isSaved`: it survives this tab. */
export async function keepPicture(picture: Picture): Promise<{ id: string; isSaved: boolean }> {
  const { times } = picture;
  const card: PictureCard = {
    id: crypto.randomUUID(),
    number: nextNumber(),
    createdAt: nextInstant(),
    widthPx: picture.widthPx,
    heightPx: picture.heightPx,
    seed: picture.seed,
    request: picture.request,
    parameters: picture.parameters,
    elapsedMs:
      times.textMs +
      times.stepsMs.reduce((sum, ms) => sum + ms, 0) +
      times.decodeMs +
      times.encodeMs +
      (times.upscaleMs ?? 0),
    device: picture.device,
    thumbnail: await makeThumbnail(picture.png),
  };
  const { gallery } = services();
  const kept = await gallery.add(card, picture.png);
  showCard(card, kept.durable);
  if (!kept.durable && gallery.durable) useGallery.setState({ trouble: 'quota' });
  return { id: card.id, isSaved: kept.durable };
}

/** Puts a card into the strip by its age. */
export function showCard(card: PictureCard, isSaved: boolean): void {
  const shown = toGalleryPicture(card, isSaved);
  useGallery.setState(({ pictures }) => ({
    pictures: [...pictures, shown].sort((a, b) => b.createdAt - a.createdAt),
  }));
}

export function toGalleryPicture(card: PictureCard, isSaved: boolean): GalleryPicture {
  const { thumbnail, ...rest } = card;
  return { ...rest, thumbnailUrl: URL.createObjectURL(thumbnail), isSaved };
}

function nextNumber(): number {
  const { settings } = services();
  const made = settings.read('pictures-made');
  const number = (typeof made === 'number' ? made : 0) + 1;
  settings.write('pictures-made', number);
  return number;
}

let lastInstant = 0;

/** Now, but never twice the same: the strip is ordered and paged by this number. */
function nextInstant(): number {
  lastInstant = Math.max(Date.now(), lastInstant + 1);
  return lastInstant;
}
