/** All pictures of the gallery in words, newest first, and its boards. Read when the gallery is first opened. */
import { create } from 'zustand';
import type { GalleryEntry } from '#core/gallery/search.ts';
import type { Board, StoredCard } from '#storage/gallery.ts';

/** `concepts`: for the veil of the safety check. */
export type PictureEntry = GalleryEntry & Pick<StoredCard, 'concepts'>;

export interface PicturesState {
  status: 'unread' | 'reading' | 'ready' | 'failed';
  entries: readonly PictureEntry[];
  boards: readonly Board[];
}

export const usePictures = create<PicturesState>(() => ({ status: 'unread', entries: [], boards: [] }));

/** Takes cards in, in place of what was known of them. Before the gallery was read there is nothing to keep up. */
export function noteCards(cards: readonly StoredCard[]): void {
  const { status, entries } = usePictures.getState();
  if (status === 'unread' || status === 'failed' || cards.length === 0) return;
  const fresh = new Map(cards.map((card) => [card.id, toEntry(card)]));
  const kept = entries.map((entry) => {
    const next = fresh.get(entry.id);
    fresh.delete(entry.id);
    return next ?? entry;
  });
  usePictures.setState({ entries: [...kept, ...fresh.values()].sort((a, b) => b.createdAt - a.createdAt) });
}

export function forgetCards(ids: readonly string[]): void {
  const gone = new Set(ids);
  usePictures.setState(({ entries }) => ({ entries: entries.filter(({ id }) => !gone.has(id)) }));
}

/** Of a prompt a search reads no more than this. */
const MAX_TEXT = 4000;

function toEntry(card: StoredCard): PictureEntry {
  const { request, imported, alt } = card;
  const { prompt } = request;
  return {
    id: card.id,
    number: card.number,
    createdAt: card.createdAt,
    widthPx: card.widthPx,
    heightPx: card.heightPx,
    seed: card.seed,
    prompt: prompt.slice(0, MAX_TEXT),
    alt: alt?.text ?? '',
    text: [prompt, alt?.text ?? '', imported?.fileName ?? ''].join('\n').slice(0, MAX_TEXT).toLowerCase(),
    model: imported?.model ?? request.modelId,
    adapters: (request.adapters ?? []).map(({ name }) => name),
    kit: request.kit?.name ?? null,
    isStarred: card.isStarred === true,
    boards: card.boards ?? [],
    sizeBytes: card.sizeBytes ?? 0,
    isImported: imported !== undefined,
    ...(card.concepts === undefined ? {} : { concepts: card.concepts }),
  };
}
