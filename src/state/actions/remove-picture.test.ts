import { expect, test } from 'vitest';
import { editDraft } from '#state/actions/edit-draft.ts';
import { generate } from '#state/actions/generate.ts';
import { openPicture } from '#state/actions/open-picture.ts';
import { cancelRemove, removePictures } from '#state/actions/remove-pictures.ts';
import { removePicture } from '#state/actions/remove-picture.ts';
import { reuseSettings } from '#state/actions/reuse-settings.ts';
import { undoRemove } from '#state/actions/undo-remove.ts';
import { useBrowse } from '#state/browse.ts';
import { useDraft } from '#state/draft.ts';
import { useGallery } from '#state/gallery.ts';
import { useToast } from '#state/toast.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';

async function openWithThree() {
  const studio = await openTestStudio();
  editDraft({ prompt: 'a cat', seed: 10, isSeedLocked: true, count: 3 });
  await generate();
  return { ...studio, ids: useGallery.getState().pictures.map((picture) => picture.id) };
}

test('a deleted picture leaves the disk at once, and undo brings it back to its place', async () => {
  const { gallery, ids } = await openWithThree();
  const [, middle = ''] = ids;
  await removePicture(middle);
  expect(await gallery.png(middle)).toBeNull();
  expect(useToast.getState().toast?.action).toBe('undo-remove');
  await undoRemove();
  expect(await gallery.png(middle)).not.toBeNull();
  expect(useGallery.getState().pictures.map((picture) => picture.id)).toEqual(ids);
});

test('deleting the open picture opens its neighbour, and the last one leaves the stage empty', async () => {
  const { ids } = await openWithThree();
  const [newest = '', middle = '', oldest = ''] = ids;
  await openPicture(newest);
  await removePicture(newest);
  expect(useGallery.getState().view).toEqual({ kind: 'picture', id: middle });
  await removePicture(middle);
  await removePicture(oldest);
  expect(useGallery.getState()).toMatchObject({ view: null, pictures: [] });
});

test('undo works once', async () => {
  const { ids } = await openWithThree();
  await removePicture(ids[0] ?? '');
  await undoRemove();
  await undoRemove();
  expect(useGallery.getState().pictures).toHaveLength(3);
});

test('the settings of a picture come back as one picture with its own seed, locked', async () => {
  const { ids } = await openWithThree();
  editDraft({ prompt: 'something else', seed: 1, isSeedLocked: false });
  reuseSettings(ids[0] ?? '');
  expect(useDraft.getState()).toMatchObject({ prompt: 'a cat', seed: 12, isSeedLocked: true, count: 1 });
});

test('a deletion of many can be stopped: what was not reached stays, what went can come back', async () => {
  const { gallery } = await openWithThree();
  const [first] = await gallery.scan({ after: '', limit: 1 });
  const ids = Array.from({ length: 60 }, (_, k) => `many-${String(k).padStart(2, '0')}`);
  for (const id of ids) await gallery.add({ ...first!, id, thumbnail: new Blob([]) }, new Blob(['png']));
  const told: unknown[] = [];
  const end = useBrowse.subscribe(({ task }, before) => {
    if (task === null || task.isCancelling || task === before.task) return;
    told.push([task.kind, task.done, task.total]);
    if (task.done > 0) cancelRemove();
  });
  await removePictures(ids);
  end();
  expect(told).toEqual([
    ['delete', 0, 60],
    ['delete', 25, 60],
  ]);
  expect(useBrowse.getState().task).toBeNull();
  expect(useToast.getState().toast?.text).toBe('50 pictures deleted. Cancelled: the other 10 stayed.');
  expect((await gallery.have(ids)).size).toBe(10);
  await undoRemove();
  expect((await gallery.have(ids)).size).toBe(60);
});
