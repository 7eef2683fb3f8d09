/** The words that stand for a picture where it is not seen: its alt text, or, until there is one, its prompt. */
import type { GalleryPicture } from '#state/gallery.ts';

export function altOf({ alt, request }: Pick<GalleryPicture, 'alt' | 'request'>): string {
  return alt === undefined || alt.text === '' ? request.prompt : alt.text;
}
