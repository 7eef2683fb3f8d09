import { useGallery } from '#state/gallery.ts';
import { services } from '#state/services.ts';

/**
 * Shows one picture of the gallery on the stage, in full size once it is read.
 * @param besideId a second one to show next to it
 */
export async function openPicture(id: string, besideId?: string): Promise<void> {
  useGallery.setState({ view: { kind: 'picture', id, ...(besideId === undefined ? {} : { besideId }) } });
  await Promise.all([read('openUrl', id), besideId === undefined ? null : read('besideUrl', besideId)]);
}

/** Reads a picture's file and keeps its address in one of the two places, in place of the one before. */
async function read(place: 'openUrl' | 'besideUrl', id: string): Promise<void> {
  if (useGallery.getState()[place]?.id === id) return;
  const png = await services().gallery.png(id);
  const { view } = useGallery.getState();
  if (view?.kind !== 'picture') return;
  const wanted = place === 'openUrl' ? view.id : view.besideId;
  if (png === null || wanted !== id) return;
  const url = URL.createObjectURL(png);
  const old = useGallery.getState()[place];
  useGallery.setState({ [place]: { id, url } });
  if (old !== null) URL.revokeObjectURL(old.url);
}
