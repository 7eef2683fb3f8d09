/** The pictures of the film strip, newest first, and what the stage shows. */
import { create } from 'zustand';
import type { PictureCard } from '#storage/gallery.ts';

/** A card with an object URL of its thumbnail. */
export interface GalleryPicture extends Omit<PictureCard, 'thumbnail'> {
  thumbnailUrl: string;
  /** False when it is only in memory. */
  isSaved: boolean;
}

/** What the stage shows: the run's contact sheet or one picture. */
export type View =
  | { kind: 'run' }
  /** `besideId`: what it was enlarged from, shown next to it. */
  | { kind: 'picture'; id: string; besideId?: string };

export interface GalleryState {
  status: 'loading' | 'ready';
  pictures: GalleryPicture[];
  /** One of the gallery that is too old for the strip, while the stage shows it. */
  visiting: GalleryPicture | null;
  /** There are older ones than the strip has. */
  hasEarlier: boolean;
  view: View | null;
  /** Object URL of the PNG of the picture in view; null while it is being read. */
  openUrl: { id: string; url: string } | null;
  /** The same of the picture beside it. */
  besideUrl: { id: string; url: string } | null;
  /** Why pictures do not survive a reload, if they do not. */
  trouble: 'memory-only' | 'quota' | 'lost' | null;
}

export const useGallery = create<GalleryState>(() => ({
  status: 'loading',
  pictures: [],
  visiting: null,
  hasEarlier: false,
  view: null,
  openUrl: null,
  besideUrl: null,
  trouble: null,
}));

export function findPicture(state: GalleryState, id: string): GalleryPicture | null {
  const found = state.pictures.find((picture) => picture.id === id);
  return found ?? (state.visiting?.id === id ? state.visiting : null);
}
