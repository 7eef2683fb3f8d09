import { useGallery } from '#state/gallery.ts';
import { useRun } from '#state/run.ts';
import { openPicture } from '#state/actions/open-picture.ts';

/** Puts the failed run away and shows the newest picture again. */
export function dismissFailure(): void {
  useRun.setState({ run: null });
  const newest = useGallery.getState().pictures[0];
  useGallery.setState({ view: null });
  if (newest) void openPicture(newest.id);
}
