import { showToast } from '#state/actions/show-toast.ts';
import { findPicture, useGallery } from '#state/gallery.ts';
import { fileNameOf } from '#state/picture-file-name.ts';
import { services } from '#state/services.ts';

/** Hands the PNG, request and `parameters` text inside, to the browser's downloads. */
export async function downloadPicture(id: string): Promise<void> {
  const picture = findPicture(useGallery.getState(), id);
  const png = await services().gallery.png(id);
  if (picture === null || png === null) {
    showToast({
      text: 'This picture can no longer be read from the gallery.',
      tone: 'trouble',
      action: null,
    });
    return;
  }
  const url = URL.createObjectURL(png);
  const link = document.createElement('a');
  link.href = url;
  link.download = fileNameOf(picture, png.type);
  link.click();
  // The browser reads the URL after this task; a minute is ample for any file of ours.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
