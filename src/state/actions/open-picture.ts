import { useGallery } from '#state/gallery.ts';
import { services } from '#state/services.ts';

/** Shows one picture of the gallery on the stage, in full size once it is read. */
export async function openPicture(id: string): Promise<void> {
  const { openUrl } = useGallery.getState();
  useGallery.setState({ view: { kind: 'picture', id } });
  if (openUrl?.id === id) return;
  const png = await services().gallery.png(id);
  const { view } = useGallery.getState();
  if (png === null || view?.kind !== 'picture' || view.id !== id) return;
  const url = URL.createObjectURL(png);
  const old = useGallery.getState().openUrl;
  useGallery.setState({ openUrl: { id, url } });
  if (old !== null) URL.revokeObjectURL(old.url);
}
