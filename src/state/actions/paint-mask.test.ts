import { expect, test } from 'vitest';
import { extendFrame, maxExtendPx } from '#state/actions/paint-mask.ts';
import { useEdit } from '#state/edit.ts';

test('the first edge that moves out has what is new drawn out of the colours at it, the others leave the choice', () => {
  useEdit.setState(useEdit.getInitialState(), true);
  extendFrame('leftPx', 64);
  expect(useEdit.getState()).toMatchObject({
    extend: { leftPx: 64, topPx: 0 },
    use: { content: 'fill', onlyMasked: { paddingPx: 32 } },
  });
  useEdit.setState(({ use }) => ({ use: { ...use, content: 'noise' } }));
  extendFrame('topPx', 8);
  expect(useEdit.getState().use.content).toBe('noise');
  extendFrame('leftPx', 0);
  expect(useEdit.getState().extend).toMatchObject({ leftPx: 0, topPx: 8 });
});

test('an edge moves out by the length of a side', () => {
  expect(maxExtendPx({ widthPx: 256, heightPx: 512 })).toBe(512);
  expect(maxExtendPx({ widthPx: 9999, heightPx: 8 })).toBe(4096);
});
