import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBoard, readBoards } from '#state/actions/edit-boards.ts';
import { useBrowse } from '#state/browse.ts';
import { useDraft } from '#state/draft.ts';
import type { Kit } from '#core/kits/kit.ts';
import { useKits } from '#state/kits.ts';
import { usePage } from '#state/page.ts';
import { usePictures } from '#state/pictures.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';
import { SOURCES } from './sources.ts';

const titles = () => SOURCES.flatMap((source) => source()).map(({ title }) => title);
const choose = (title: string) =>
  SOURCES.flatMap((source) => source())
    .find((entry) => entry.title === title)!
    .run();

beforeEach(() => {
  // Some commands ask what has the focus.
  vi.stubGlobal('document', { activeElement: null });
  vi.stubGlobal('HTMLTextAreaElement', Object);
});
afterEach(() => vi.unstubAllGlobals());

test('every page, kit and board is found, and what is there already is not', async () => {
  await openTestStudio();
  usePage.setState({ page: 'compare' });
  const kit = { id: 'k', name: 'Brand', adapters: [], defaults: {} } as unknown as Kit;
  useKits.setState({ own: [kit] });
  const board = await createBoard('Moods');
  usePictures.setState({ boards: [] });
  await readBoards();
  expect(titles()).toEqual(
    expect.arrayContaining([
      'Stage',
      'Live paint',
      'Gallery',
      'Models',
      'Kits',
      'Captions of a folder',
      'X/Y/Z grid',
      'Blind A/B test',
      'Wear Brand',
      'Moods',
    ]),
  );
  expect(titles()).not.toContain('Compare pictures');
  choose('Moods');
  expect(usePage.getState().page).toBe('gallery');
  expect(useBrowse.getState().query.board).toBe(board!.id);
  // The stage's own fields need a screen.
  choose('Wear Brand');
  expect(useDraft.getState().kitId).toBe('k');
  usePage.setState({ page: 'gallery' });
  expect(titles()).toContain('Wear no kit');
  expect(titles()).not.toContain('Wear Brand');
});
