import { beforeEach, expect, test, vi } from 'vitest';
import { FAKE_DISTILLED, FAKE_MODEL } from '#engine/fake.ts';
import { cancel } from '#state/actions/cancel.ts';
import { chooseModel } from '#state/actions/choose-model.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { generate } from '#state/actions/generate.ts';
import { useDraft } from '#state/draft.ts';
import { useGallery } from '#state/gallery.ts';
import { finishedCount, useRun } from '#state/run.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';
import { openMemoryGallery } from '#storage/gallery.ts';

beforeEach(async () => {
  await openTestStudio();
});

test('makes the pictures that were asked for, seeds counting up, newest first', async () => {
  editDraft({ prompt: ' a cat ', seed: 4_294_967_295, isSeedLocked: true, count: 3 });
  await generate();
  expect(useRun.getState().run?.outcome).toBe('done');
  expect(useGallery.getState().pictures.map((picture) => picture.seed)).toEqual([1, 0, 4_294_967_295]);
  expect(useGallery.getState().pictures.map((picture) => picture.number)).toEqual([3, 2, 1]);
  expect(useGallery.getState().pictures[0]?.request).toMatchObject({ prompt: 'a cat', seed: 1, count: 1 });
});

test('a single picture ends on the stage', async () => {
  editDraft({ prompt: 'a cat' });
  await generate();
  const { view, pictures } = useGallery.getState();
  expect(view).toEqual({ kind: 'picture', id: pictures[0]?.id });
});

test('an unlocked seed is drawn anew for each run, a locked one is kept', async () => {
  const { engine } = await openTestStudio();
  editDraft({ prompt: 'a cat' });
  await generate();
  await generate();
  editDraft({ isSeedLocked: true });
  const { seed } = useDraft.getState();
  await generate();
  const seeds = engine.jobs.map((job) => job.request.seed);
  expect(seeds[0]).not.toBe(seeds[1]);
  expect(seeds[2]).toBe(seed);
});

test('a form that the model cannot do never reaches the engine, and the next edit takes the complaint back', async () => {
  const { engine } = await openTestStudio();
  editDraft({ prompt: '   ' });
  await generate();
  expect(engine.jobs).toHaveLength(0);
  expect(useRun.getState()).toMatchObject({ run: null, formFailure: { code: 'prompt-empty' } });
  editDraft({ prompt: 'a' });
  expect(useRun.getState().formFailure).toBeNull();
});

test('a picture is in the gallery before it is on the screen', async () => {
  const gallery = openMemoryGallery();
  const add = vi.spyOn(gallery, 'add').mockImplementation(async (card) => {
    expect(useGallery.getState().pictures.some((picture) => picture.id === card.id)).toBe(false);
    return { durable: true };
  });
  await openTestStudio({ gallery });
  editDraft({ prompt: 'a cat' });
  await generate();
  expect(add).toHaveBeenCalledOnce();
  expect(useGallery.getState().pictures).toHaveLength(1);
});

test('cancel stops within the step it is in and keeps what is finished', async () => {
  await openTestStudio({ stepMs: 5 });
  editDraft({ prompt: 'a cat', count: 4 });
  const running = generate();
  await vi.waitUntil(() => finishedCountNow() === 1, { interval: 1 });
  cancel();
  expect(useRun.getState().run?.isCancelling).toBe(true);
  await running;
  expect(useRun.getState().run?.outcome).toBe('cancelled');
  expect(useGallery.getState().pictures).toHaveLength(1);
});

test('a second Generate while one runs is added to the queue', async () => {
  const { engine } = await openTestStudio({ stepMs: 2 });
  editDraft({ prompt: 'a cat' });
  const first = generate();
  editDraft({ prompt: 'a dog' });
  await Promise.all([first, generate()]);
  expect(engine.jobs.map(({ request }) => request.prompt)).toEqual(['a cat', 'a dog']);
  expect(useGallery.getState().pictures).toHaveLength(2);
});

test('a failure is kept for the card and leaves the form alone', async () => {
  await openTestStudio({ failWith: { code: 'gpu-paused' } });
  editDraft({ prompt: 'a cat' });
  await generate();
  expect(useRun.getState().run).toMatchObject({ outcome: 'failed', failure: { code: 'gpu-paused' } });
  expect(useDraft.getState().prompt).toBe('a cat');
});

test('what an engine throws becomes a failure with its stack', async () => {
  const { engine } = await openTestStudio();
  engine.generate = () => Promise.reject(new Error('boom'));
  editDraft({ prompt: 'a cat' });
  await generate();
  expect(useRun.getState().run?.failure).toMatchObject({ code: 'unexpected', message: 'boom' });
});

test('a control that is off sends what it stands for, and its words come back with a model that reads them', async () => {
  const { engine } = await openTestStudio();
  editDraft({ prompt: 'a cat', negativePrompt: 'a dog', guidanceScale: 5, steps: 20 });
  chooseModel(FAKE_DISTILLED.id);
  await generate();
  expect(engine.jobs[0]?.request).toMatchObject({
    modelId: FAKE_DISTILLED.id,
    negativePrompt: '',
    guidanceScale: 1,
    steps: FAKE_DISTILLED.steps.default,
  });
  chooseModel(FAKE_MODEL.id);
  expect(useDraft.getState()).toMatchObject({ negativePrompt: 'a dog', guidanceScale: 5 });
});

function finishedCountNow(): number {
  const { run } = useRun.getState();
  return run === null ? 0 : finishedCount(run);
}
