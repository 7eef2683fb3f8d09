import { noteCards, usePictures } from '#state/pictures.ts';
import { services } from '#state/services.ts';

/** Cards of one turn: read within a frame or two. */
const PAGE = 500;

/** Reads what all pictures are, without the pictures. Does nothing when that is known. */
export async function loadGallery(): Promise<void> {
  const { status } = usePictures.getState();
  if (status === 'reading' || status === 'ready') return;
  usePictures.setState({ status: 'reading' });
  const { gallery } = services();
  try {
    usePictures.setState({ boards: await gallery.boards() });
    for (let after = ''; ; ) {
      const cards = await gallery.scan({ after, limit: PAGE });
      const last = cards.at(-1);
      if (last === undefined) break;
      noteCards(cards);
      after = last.id;
    }
    usePictures.setState({ status: 'ready' });
  } catch {
    usePictures.setState({ status: 'failed', entries: [] });
  }
}
