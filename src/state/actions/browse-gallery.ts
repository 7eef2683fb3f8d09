/** Looking around in the gallery: what is searched, what is chosen, how large the tiles are. */
import { findEntries, type GalleryEntry, type GalleryQuery, WHOLE_GALLERY } from '#core/gallery/search.ts';
import { extendTo, keepOnly, NOTHING_SELECTED, toggle } from '#core/gallery/select.ts';
import { type Density, useBrowse } from '#state/browse.ts';
import { usePictures } from '#state/pictures.ts';
import { services } from '#state/services.ts';

const DENSITY = 'gallery-density';

/** The pictures that the search finds, newest first. */
export function foundPictures(): readonly GalleryEntry[] {
  return findEntries(usePictures.getState().entries, useBrowse.getState().query);
}

export function searchGallery(change: Partial<GalleryQuery>): void {
  useBrowse.setState(({ query }) => ({ query: { ...query, ...change }, scrolledTo: 0 }));
  useBrowse.setState(({ selection }) => ({ selection: keepOnly(selection, foundPictures()) }));
}

export function showWholeGallery(): void {
  searchGallery(WHOLE_GALLERY);
}

export function chooseDensity(density: Density): void {
  useBrowse.setState({ density });
  services().settings.write(DENSITY, density);
}

export function recallDensity(): void {
  const stored = services().settings.read(DENSITY);
  if (stored === 'small' || stored === 'medium' || stored === 'large')
    useBrowse.setState({ density: stored });
}

export function toggleSelected(id: string): void {
  useBrowse.setState(({ selection }) => ({ selection: toggle(selection, id), focusId: id }));
}

export function selectTo(id: string): void {
  const order = foundPictures();
  useBrowse.setState(({ selection }) => ({ selection: extendTo(selection, order, id), focusId: id }));
}

export function selectAll(which: (entry: GalleryEntry) => boolean = () => true): void {
  const ids = new Set(
    foundPictures()
      .filter(which)
      .map(({ id }) => id),
  );
  useBrowse.setState({ selection: { ids, anchor: null } });
}

export function clearSelection(): void {
  useBrowse.setState({ selection: NOTHING_SELECTED });
}

export function focusTile(focusId: string): void {
  useBrowse.setState({ focusId });
}
