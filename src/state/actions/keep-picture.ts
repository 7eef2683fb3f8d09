import type { Picture } from '#engine/api.ts';
import { type GalleryPicture, useGallery } from '#state/gallery.ts';
import { noteCards } from '#state/pictures.ts';
import { services } from '#state/services.ts';
import { makeThumbnail } from '#state/thumbnail.ts';
import type { PictureCard } from '#storage/gallery.ts';

/**
 * Saves a finished picture, then puts it at the head of the film strip. `isSaved`: it survives this tab.
 * @param id its own, so that a picture which is made a second time after a crash takes its own place
 */
export async function keepPicture(
  picture: Picture,
  id: string = crypto.randomUUID(),
): Promise<{ id: string; isSaved: boolean }> {
  const { times, png } = picture;
  const [thumbnail, sha256] = await Promise.all([makeThumbnail(png), hashFile(png)]);
  const card: PictureCard = {
    id,
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
    thumbnail,
    sizeBytes: png.size + thumbnail.size,
    ...(sha256 === null ? {} : { sha256 }),
  };
  const { gallery } = services();
  const kept = await gallery.add(card, png);
  showCard(card, kept.durable);
  if (!kept.durable && gallery.durable) useGallery.setState({ trouble: 'quota' });
  return { id: card.id, isSaved: kept.durable };
}

/** Puts a card into the gallery's list, and into the strip by its age. One beyond the strip's end is not in it. */
export function showCard(card: PictureCard, isSaved: boolean): void {
  const { thumbnail: _, ...stored } = card;
  noteCards([stored]);
  const { pictures: strip, hasEarlier } = useGallery.getState();
  if (hasEarlier && card.createdAt < (strip.at(-1)?.createdAt ?? 0)) return;
  const shown = toGalleryPicture(card, isSaved);
  useGallery.setState(({ pictures }) => ({
    pictures: [...pictures.filter(({ id }) => id !== card.id), shown].sort(
      (a, b) => b.createdAt - a.createdAt,
    ),
  }));
}

export function toGalleryPicture(card: PictureCard, isSaved: boolean): GalleryPicture {
  const { thumbnail, ...rest } = card;
  return { ...rest, thumbnailUrl: URL.createObjectURL(thumbnail), isSaved };
}

export function nextNumber(): number {
  const { settings } = services();
  const made = settings.read('pictures-made');
  const number = (typeof made === 'number' ? made : 0) + 1;
  settings.write('pictures-made', number);
  return number;
}

/** In hex; null where the browser has no means to. */
export async function hashFile(file: Blob): Promise<string | null> {
  const { subtle } = globalThis.crypto;
  if (subtle === undefined) return null;
  const digest = new Uint8Array(await subtle.digest('SHA-256', await file.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

let lastInstant = 0;

/** Now, but never twice the same: the strip is ordered and paged by this number. */
function nextInstant(): number {
  lastInstant = Math.max(Date.now(), lastInstant + 1);
  return lastInstant;
}
