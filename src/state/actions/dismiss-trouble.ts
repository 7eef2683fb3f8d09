import { useGallery } from '#state/gallery.ts';

/** Takes the banner about storage away. */
export function dismissTrouble(): void {
  useGallery.setState({ trouble: null });
}
