/** The pictures deleted last, whole, so that they can come back. One deed is enough: one toast offers the undo. */
import type { PictureCard } from '#storage/gallery.ts';

export interface Removed {
  card: PictureCard;
  png: Blob;
}

let last: readonly Removed[] = [];

export function rememberRemoved(removed: readonly Removed[]): void {
  last = removed;
}

export function lastRemoved(): readonly Removed[] {
  return last;
}

/** The removed pictures, once. */
export function takeRemoved(): readonly Removed[] {
  const removed = last;
  last = [];
  return removed;
}
