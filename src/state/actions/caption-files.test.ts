import { expect, test } from 'vitest';
import type { CaptionAnswer } from '#engine/captioner-api.ts';
import { addCaptionFiles, clearCaptions } from '#state/actions/add-caption-files.ts';
import { captionFiles, editCaption, stopCaptioning } from '#state/actions/caption-files.ts';
import { clashingCaptions } from '#state/actions/save-captions.ts';
import { useCaptions } from '#state/captions.ts';
import type { Services } from '#state/services.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';
import { plainPng, pngBomb } from '../../../e2e/picture-files.ts';

function fakeCaptioner(onAsk: (asked: number) => void = () => {}): Services['captioner'] {
  let asked = 0;
  return {
    list: async () => ({ ok: true, captioners: [] }),
    caption: async (_job, onEvent, signal) => {
      onAsk(++asked);
      onEvent({ kind: 'words', text: 'a', tokens: 1 });
      if (signal.aborted) return { outcome: 'cancelled' };
      const answer: CaptionAnswer = { kind: 'text', text: `words ${asked}`, tokens: [1], isComplete: true };
      return {
        outcome: 'done',
        described: {
          answer,
          model: { id: 'fake', name: 'Fake' },
          device: 'cpu',
          picture: { kind: 'png', widthPx: 1, heightPx: 1, isAnimated: false },
          times: { loadMs: 0, seeMs: 0, firstWordMs: 0, wordsMs: 0 },
        },
      };
    },
  };
}

const png = (name: string) => ({ path: name, file: new File([plainPng(1, 1)], name) });
const states = () => useCaptions.getState().items.map(({ path, text, state }) => [path, text, state]);

test('pictures are described in turn; captions beside them and edits stay; bombs are never shown', async () => {
  await openTestStudio({ captioner: fakeCaptioner() });
  clearCaptions();
  await addCaptionFiles([
    png('one.png'),
    png('own.png'),
    { path: 'own.txt', file: new File([' mine \n'], 'own.txt') },
    png('two.png'),
    { path: 'bomb.png', file: new File([pngBomb(23_000)], 'bomb.png') },
    { path: 'notes.md', file: new File(['x'], 'notes.md') },
  ]);
  expect(useCaptions.getState().items.find(({ path }) => path === 'bomb.png')).toMatchObject({
    url: null,
    state: 'failed',
    failure: { code: 'picture-beyond-limits' },
  });
  const two = useCaptions.getState().items.find(({ path }) => path === 'two.png')!;
  editCaption(two.id, 'what I say');
  await captionFiles();
  expect(states()).toEqual([
    ['one.png', 'words 1', 'done'],
    ['own.png', 'mine', 'given'],
    ['two.png', 'what I say', 'done'],
    ['bomb.png', '', 'failed'],
  ]);
  expect(clashingCaptions()).toEqual([]);
});

test('a stop leaves what is done, and the rest for later', async () => {
  await openTestStudio({ captioner: fakeCaptioner((asked) => asked === 2 && stopCaptioning()) });
  clearCaptions();
  await addCaptionFiles([png('a.png'), png('b.png'), png('c.png')]);
  await captionFiles();
  expect(states()).toEqual([
    ['a.png', 'words 1', 'done'],
    ['b.png', '', 'waiting'],
    ['c.png', '', 'waiting'],
  ]);
  await captionFiles();
  expect(states().map(([, , state]) => state)).toEqual(['done', 'done', 'done']);
});
