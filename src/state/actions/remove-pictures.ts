import { openPicture } from '#state/actions/open-picture.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { keepOnly } from '#core/gallery/select.ts';
import { useBrowse } from '#state/browse.ts';
import { useGallery } from '#state/gallery.ts';
import { forgetCards, usePictures } from '#state/pictures.ts';
import { type Removed, rememberRemoved } from '#state/removed.ts';
import { services } from '#state/services.ts';

/** Go in one turn. */
const AT_ONCE = 25;

let controller: AbortController | null = null;

/**
 * Deletes pictures from the disk at once; `undoRemove` brings them back while the toast shows. Of many, a cancel leaves
 * those that were not reached. Does nothing while another long task runs.
 */
export async function removePictures(ids: readonly string[]): Promise<void> {
  const { gallery } = services();
  const isMany = ids.length > AT_ONCE;
  if (ids.length === 0 || (isMany && useBrowse.getState().task !== null)) return;
  const own = new AbortController();
  controller = own;
  const removed: Removed[] = [];
  let gone = 0;
  try {
    while (gone < ids.length && !own.signal.aborted) {
      if (isMany) show(gone, ids.length);
      const some = ids.slice(gone, gone + AT_ONCE);
      const read = await Promise.all(
        some.map(async (id) => ({ card: await gallery.card(id), png: await gallery.png(id) })),
      );
      // A file of the browser stays readable as long as somebody holds it: nothing is copied into memory.
      for (const { card, png } of read) if (card !== null && png !== null) removed.push({ card, png });
      await gallery.removeAll(some);
      gone += some.length;
      // Kept up with the disk, so that a tab that dies here has nothing in its strip that is gone.
      rememberRemoved(removed);
      forget(some);
    }
  } finally {
    if (isMany) useBrowse.setState({ task: null });
  }
  const stayed = ids.length - gone;
  const pictures = gone === 1 ? 'Picture deleted.' : `${gone} pictures deleted.`;
  const text = stayed === 0 ? pictures : `${pictures} Cancelled: the other ${stayed} stayed.`;
  showToast({ text, tone: 'plain', action: removed.length === 0 ? null : 'undo-remove' });
}

/** Stops after the few that are being deleted. */
export function cancelRemove(): void {
  controller?.abort();
  useBrowse.setState(({ task }) => ({ task: task === null ? null : { ...task, isCancelling: true } }));
}

function show(done: number, total: number): void {
  useBrowse.setState({ task: { kind: 'delete', done, total, isCancelling: false } });
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
