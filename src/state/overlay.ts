/** The dialog that lies over the studio, whichever page is open: one at a time. */
import { create } from 'zustand';

export type Overlay = { kind: 'palette' } | { kind: 'shortcuts' } | { kind: 'describe' };

export const useOverlay = create<{ overlay: Overlay | null }>(() => ({ overlay: null }));
