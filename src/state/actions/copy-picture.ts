import { showToast } from '#state/actions/show-toast.ts';
import { services } from '#state/services.ts';

/** Copies the picture to the clipboard as PNG. Browsers drop the metadata on that way, so the toast says so. */
export async function copyPicture(id: string): Promise<void> {
  try {
    const read = services()
      .gallery.png(id)
      .then((png) => png ?? Promise.reject(new Error('gone')));
    // The promise goes in as it is: Safari ends the click's permission at the first await.
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': read })]);
    showToast({ text: 'Picture copied. A download also keeps its settings.', tone: 'plain', action: null });
  } catch {
    showToast({
      text: 'The browser did not allow copying. Download the picture instead.',
      tone: 'trouble',
      action: null,
    });
  }
}
