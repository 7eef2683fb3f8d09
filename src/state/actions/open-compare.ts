import { showPage } from '#state/actions/show-page.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { type ComparedPicture, type CompareMode, MAX_COMPARED, useCompare } from '#state/compare.ts';
import { services } from '#state/services.ts';

/** Shows pictures of the gallery beside each other, in place of those that were compared before. */
export async function openCompare(ids: readonly string[]): Promise<void> {
  closeCompare();
  showPage('compare');
  await addToCompare(ids);
}

/** Adds those that can be read and are not there yet, as long as there is room. */
export async function addToCompare(ids: readonly string[]): Promise<void> {
  const found = await Promise.all(ids.slice(0, MAX_COMPARED).map(read));
  const readable = found.filter((picture) => picture !== null);
  const { pictures } = useCompare.getState();
  const fresh = readable.filter(({ card }) => !pictures.some((one) => one.card.id === card.id));
  const all = [...pictures, ...fresh].slice(0, MAX_COMPARED);
  for (const { card, url } of readable)
    if (!all.some((one) => one.card.id === card.id && one.url === url)) URL.revokeObjectURL(url);
  show(all);
  if (ids.length > MAX_COMPARED || readable.length < Math.min(ids.length, MAX_COMPARED)) {
    const text =
      ids.length > MAX_COMPARED
        ? `The first ${MAX_COMPARED} are compared.`
        : 'Not all of them can be read from the gallery any more.';
    showToast({ text, tone: 'plain', action: null });
  }
}

export function removeFromCompare(id: string): void {
  const { pictures } = useCompare.getState();
  const gone = pictures.find(({ card }) => card.id === id);
  if (gone !== undefined) URL.revokeObjectURL(gone.url);
  show(pictures.filter(({ card }) => card.id !== id));
}

/** Lets go of the pictures. */
export function closeCompare(): void {
  for (const { url } of useCompare.getState().pictures) URL.revokeObjectURL(url);
  show([]);
}

export function chooseCompareMode(mode: CompareMode): void {
  useCompare.setState({ mode });
}

/** Shows a picture on one side; the one that stood there and is now on both goes to the other. */
export function chooseSide(side: 'left' | 'right', id: string): void {
  useCompare.setState(({ left, right }) => {
    if (side === 'left') return { left: id, right: id === right ? left : right };
    return { right: id, left: id === left ? right : left };
  });
}

function show(pictures: readonly ComparedPicture[]): void {
  useCompare.setState(({ left, right }) => {
    const ids = pictures.map(({ card }) => card.id);
    const first = ids.includes(left) ? left : (ids.find((id) => id !== right) ?? '');
    const second = ids.includes(right) && right !== first ? right : (ids.find((id) => id !== first) ?? '');
    return { pictures, left: first, right: second };
  });
}

async function read(id: string): Promise<ComparedPicture | null> {
  const { gallery } = services();
  const [card, png] = await Promise.all([gallery.card(id), gallery.png(id)]);
  if (card === null || png === null) return null;
  const { thumbnail: _, ...stored } = card;
  return { card: stored, url: URL.createObjectURL(png) };
}
