/** The dialog that lies over the studio, whichever page is open: one at a time. */
import { create } from 'zustand';

export type Overlay =
  | { kind: 'palette' | 'shortcuts' | 'styles' | 'lists' | 'earlier' | 'describe' }
  /** Of pictures of the gallery, by their ids. */
  | { kind: 'export'; ids: readonly string[] };

export const useOverlay = create<{ overlay: Overlay | null }>(() => ({ overlay: null }));
