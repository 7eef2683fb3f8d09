/** A sheet by how well its pictures fit their prompt. */
import { type GalleryState, useGallery } from '#state/gallery.ts';
import type { Cell } from '#state/run.ts';

/** The order of the cells: as they were drawn, or the best fit first. Pictures that were not compared yet come last. */
export function orderCells(
  cells: readonly Cell[],
  pictures: GalleryState['pictures'],
  isByFit: boolean,
): Cell[] {
  if (!isByFit) return [...cells];
  const fit = (cell: Cell) => pictures.find(({ id }) => id === cell.pictureId)?.fit ?? -1;
  return [...cells].sort((a, b) => fit(b) - fit(a));
}

/** Id of the picture that fits best; null until every picture of the sheet was compared. */
export function useBestFit(cells: readonly Cell[]): string | null {
  return useGallery(({ pictures }) => {
    const shown = cells.map((cell) => pictures.find(({ id }) => id === cell.pictureId));
    if (shown.length < 2 || shown.some((picture) => picture?.fit === undefined)) return null;
    return shown.reduce((best, one) => (one!.fit! > best!.fit! ? one : best))!.id;
  });
}
