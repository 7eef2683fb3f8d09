import { openPicture } from '#state/actions/open-picture.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { keepOnly } from '#core/gallery/select.ts';
import { useBrowse } from '#state/browse.ts';
import { useGallery } from '#state/gallery.ts';
import { forgetCards, usePictures } from '#state/pictures.ts';
import { type Removed, rememberRemoved } from '#state/removed.ts';
import { services } from '#state/services.ts';

/** Read at once before they go. */
const AT_ONCE = 25;

/** Deletes pictures from the disk at once; `undoRemove` brings them back while the toast shows. */
export async function removePictures(ids: readonly string[]): Promise<void> {
  const { gallery } = services();
  const isMany = ids.length > AT_ONCE;
  const removed: Removed[] = [];
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    if (isMany) {
      const task = { kind: 'delete' as const, done: from, total: ids.length, isCancelling: false };
      useBrowse.setState({ task });
    }
    const some = ids.slice(from, from + AT_ONCE);
    const read = await Promise.all(
      some.map(async (id) => ({ card: await gallery.card(id), png: await gallery.png(id) })),
    );
    // A file of the browser stays readable as long as somebody holds it: nothing is copied into memory.
    for (const { card, png } of read) if (card !== null && png !== null) removed.push({ card, png });
  }
  await gallery.removeAll(ids);
  if (isMany) useBrowse.setState({ task: null });
  rememberRemoved(removed);
  forget(ids);
  const text = ids.length === 1 ? 'Picture deleted.' : `${ids.length} pictures deleted.`;
  showToast({ text, tone: 'plain', action: removed.length === 0 ? null : 'undo-remove' });
}

function forget(ids: readonly string[]): void {
  const gone = new Set(ids);
  const { pictures, view } = useGallery.getState();
  const openId = view?.kind === 'picture' && gone.has(view.id) ? view.id : null;
  const at = pictures.findIndex(({ id }) => id === openId);
  const stays = ({ id }: { id: string }) => !gone.has(id);
  const neighbour = pictures.slice(at + 1).find(stays) ?? pictures.slice(0, Math.max(0, at)).findLast(stays);
  useGallery.setState({
    pictures: pictures.filter(stays),
    ...(openId !== null && neighbour === undefined ? { view: null } : {}),
  });
  for (const { id, thumbnailUrl } of pictures) if (gone.has(id)) URL.revokeObjectURL(thumbnailUrl);
  if (openId !== null && neighbour !== undefined) void openPicture(neighbour.id);
  forgetCards(ids);
  const { entries } = usePictures.getState();
  useBrowse.setState(({ selection }) => ({ selection: keepOnly(selection, entries) }));
}
