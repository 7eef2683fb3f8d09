import { useGallery } from '#state/gallery.ts';
import { useRun } from '#state/run.ts';

/** Back to the run's own view: the picture that forms, or the contact sheet. */
export function showRun(): void {
  if (useRun.getState().run !== null) useGallery.setState({ view: { kind: 'run' } });
}
