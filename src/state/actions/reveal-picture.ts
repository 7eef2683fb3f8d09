import { useRevealed } from '#state/safety.ts';

/** Shows a veiled picture, or veils it again. The file was never changed. */
export function revealPicture(pictureId: string, isRevealed: boolean): void {
  useRevealed.setState(({ ids }) => {
    const next = new Set(ids);
    if (isRevealed) next.add(pictureId);
    else next.delete(pictureId);
    return { ids: next };
  });
}
