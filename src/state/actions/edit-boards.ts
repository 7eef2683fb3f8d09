/** Boards: named piles of pictures. A picture may lie on several, and stays when its board goes. */
import { changePictures } from '#state/actions/change-pictures.ts';
import { searchGallery } from '#state/actions/browse-gallery.ts';
import { useBrowse } from '#state/browse.ts';
import { usePictures } from '#state/pictures.ts';
import { services } from '#state/services.ts';
import type { Board } from '#storage/gallery.ts';

export const MAX_BOARD_NAME = 60;

/** Finds out which there are, for who has not opened the gallery. */
export async function readBoards(): Promise<void> {
  if (usePictures.getState().status !== 'unread') return;
  const boards = await services()
    .gallery.boards()
    .catch(() => []);
  usePictures.setState(({ status }) => (status === 'unread' ? { boards } : {}));
}

/** @returns null for a name that says nothing */
export async function createBoard(given: string): Promise<Board | null> {
  const name = given.trim().slice(0, MAX_BOARD_NAME);
  if (name === '') return null;
  const known = usePictures.getState().boards.find((board) => board.name === name);
  if (known !== undefined) return known;
  const board: Board = { id: crypto.randomUUID(), name, createdAt: Date.now() };
  await services().gallery.putBoard(board);
  usePictures.setState(({ boards }) => ({ boards: [...boards, board] }));
  return board;
}

export async function renameBoard(id: string, given: string): Promise<void> {
  const name = given.trim().slice(0, MAX_BOARD_NAME);
  const board = usePictures.getState().boards.find((one) => one.id === id);
  if (board === undefined || name === '') return;
  const renamed = { ...board, name };
  await services().gallery.putBoard(renamed);
  usePictures.setState(({ boards }) => ({ boards: boards.map((one) => (one.id === id ? renamed : one)) }));
}

export async function deleteBoard(id: string): Promise<void> {
  await services().gallery.removeBoard(id);
  usePictures.setState(({ boards }) => ({ boards: boards.filter((board) => board.id !== id) }));
  if (useBrowse.getState().query.board === id) searchGallery({ board: null });
  const on = usePictures.getState().entries.filter(({ boards }) => boards.includes(id));
  await takeFromBoard(
    id,
    on.map((entry) => entry.id),
  );
}

export async function putOnBoard(board: string, ids: readonly string[]): Promise<void> {
  await changePictures(ids, ({ boards = [] }) => ({ boards: [...new Set([...boards, board])] }));
}

export async function takeFromBoard(board: string, ids: readonly string[]): Promise<void> {
  await changePictures(ids, ({ boards = [] }) => ({ boards: boards.filter((one) => one !== board) }));
}
