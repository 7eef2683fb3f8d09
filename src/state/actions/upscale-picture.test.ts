import { afterEach, beforeEach, expect, it } from 'vitest';
import { generate } from '#state/actions/generate.ts';
import {
  cancelUpscale,
  dismissUpscaleFailure,
  upscalePicture,
  upscaleShown,
} from '#state/actions/upscale-picture.ts';
import { chooseUpscaling } from '#state/actions/choose-upscaling.ts';
import { useDraft } from '#state/draft.ts';
import { useGallery } from '#state/gallery.ts';
import { isRunning, useRun } from '#state/run.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';
import { isUpscaling, useUpscale } from '#state/upscale.ts';

beforeEach(() => useUpscale.setState({ upscale: null }));
afterEach(() => chooseUpscaling(false));

async function withPicture(options: Parameters<typeof openTestStudio>[0] = {}) {
  const studio = await openTestStudio(options);
  useDraft.setState({ prompt: 'a red fox', steps: 1, seed: 7, isSeedLocked: true });
  await generate();
  return { ...studio, source: useGallery.getState().pictures[0]! };
}

it('keeps the larger picture as a new one, with the request of the first, and shows both', async () => {
  const { engine, source } = await withPicture();
  await upscalePicture(source.id);
  const { pictures, view } = useGallery.getState();
  expect(pictures).toHaveLength(2);
  expect(pictures[0]).toMatchObject({ widthPx: 256, heightPx: 256, seed: 7, request: source.request });
  expect(pictures[0]!.number).toBe(source.number + 1);
  expect(view).toEqual({ kind: 'picture', id: pictures[0]!.id, besideId: source.id });
  expect(useUpscale.getState().upscale).toBeNull();
  expect(engine.upscales).toHaveLength(1);
});

it('leaves someone alone who looks at another picture by then', async () => {
  const { source } = await withPicture();
  const ending = upscaleShown();
  useGallery.setState({ view: null });
  await ending;
  expect(useGallery.getState().pictures).toHaveLength(2);
  expect(useGallery.getState().view).toBeNull();
  expect(source.widthPx).toBe(128);
});

it('stops at a cancel and keeps nothing', async () => {
  const { source } = await withPicture();
  expect(cancelUpscale()).toBe(false);
  const ending = upscalePicture(source.id);
  expect(isUpscaling(useUpscale.getState())).toBe(true);
  expect(cancelUpscale()).toBe(true);
  await ending;
  expect(useGallery.getState().pictures).toHaveLength(1);
  expect(useUpscale.getState().upscale).toBeNull();
});

it('does nothing while a run or another upscaling is under way', async () => {
  const { engine, source } = await withPicture({ stepMs: 1 });
  const running = generate();
  expect(isRunning(useRun.getState())).toBe(true);
  await upscalePicture(source.id);
  expect(engine.upscales).toHaveLength(0);
  await running;
  await Promise.all([upscalePicture(source.id), upscalePicture(source.id)]);
  expect(engine.upscales).toHaveLength(1);
});

it('says why it failed until that is dismissed, and loses nothing', async () => {
  const { engine, source, gallery } = await withPicture();
  await gallery.remove(source.id);
  await upscalePicture(source.id);
  expect(engine.upscales).toHaveLength(0);
  expect(useUpscale.getState().upscale).toMatchObject({
    pictureId: source.id,
    failure: { code: 'picture-unreadable' },
  });
  expect(isUpscaling(useUpscale.getState())).toBe(false);
  dismissUpscaleFailure();
  expect(useUpscale.getState().upscale).toBeNull();
});

it('is asked for with every run while the setting is on', async () => {
  const { engine } = await withPicture();
  chooseUpscaling(true);
  await generate();
  expect(engine.jobs.map((job) => job.upscale)).toEqual([false, true]);
});
