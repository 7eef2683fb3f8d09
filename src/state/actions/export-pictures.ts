import { showOverlay } from '#state/actions/show-overlay.ts';

/** Asks how these pictures of the gallery are to be written, and writes them. */
export function exportPictures(ids: readonly string[]): void {
  if (ids.length > 0) showOverlay({ kind: 'export', ids });
}
