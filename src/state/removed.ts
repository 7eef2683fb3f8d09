/** The picture deleted last, whole, so that it can come back. One is enough: one toast offers the undo. */
import type { PictureCard } from '#storage/gallery.ts';

export interface Removed {
  card: Omit<PictureCard, 'thumbnail'>;
  png: Blob;
}

let last: Removed | null = null;

export function rememberRemoved(removed: Removed): void {
  last = removed;
}

/** The removed picture, once. */
export function takeRemoved(): Removed | null {
  const removed = last;
  last = null;
  return removed;
}
