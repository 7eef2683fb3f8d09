/** How the gallery is looked at: what is searched, what is chosen, how large the tiles are, what goes on. */
import { create } from 'zustand';
import { type GalleryQuery, WHOLE_GALLERY } from '#core/gallery/search.ts';
import { NOTHING_SELECTED, type Selection } from '#core/gallery/select.ts';

export type Density = 'small' | 'medium' | 'large';

/** A long piece of work on many pictures; one at a time. */
export interface GalleryTask {
  kind: 'import' | 'zip' | 'delete' | 'restore';
  done: number;
  total: number;
  isCancelling: boolean;
}

/** How an import ended. */
export interface ImportReport {
  added: number;
  /** The files that were left out, and why. */
  skipped: { reason: string; names: string[] }[];
  /** Why it stopped before its end, if it did. */
  stopped: 'cancelled' | 'quota' | null;
}

export interface BrowseState {
  query: GalleryQuery;
  selection: Selection;
  density: Density;
  /** The tile that the keyboard is on. */
  focusId: string | null;
  /** Pixels, for coming back to. */
  scrolledTo: number;
  task: GalleryTask | null;
  report: ImportReport | null;
}

export const useBrowse = create<BrowseState>(() => ({
  query: WHOLE_GALLERY,
  selection: NOTHING_SELECTED,
  density: 'medium',
  focusId: null,
  scrolledTo: 0,
  task: null,
  report: null,
}));
