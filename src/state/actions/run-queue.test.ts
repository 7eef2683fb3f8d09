import { expect, test, vi } from 'vitest';
import { cancel } from '#state/actions/cancel.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { generate } from '#state/actions/generate.ts';
import { moveJob } from '#state/actions/move-job.ts';
import { pauseQueue, resumeQueue } from '#state/actions/pause-queue.ts';
import { cancelQueue, removeJobs, retryJob, undoRemoveJobs } from '#state/actions/remove-jobs.ts';
import { useGallery } from '#state/gallery.ts';
import { useQueue } from '#state/queue.ts';
import { finishedCount, useRun } from '#state/run.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';
import { createQueue } from '#storage/queue.ts';
import { memoryLocks, memoryStore } from '#storage/queue.test-data.ts';

/** Puts three jobs into the queue, each of two pictures. */
async function openWithThree() {
  const store = memoryStore();
  const queue = createQueue(store, memoryLocks().ofTab());
  const studio = await openTestStudio({ stepMs: 3, queue });
  const ends = ['a cat', 'a dog', 'a fox'].map((prompt) => {
    editDraft({ prompt, seed: 1, isSeedLocked: true, count: 2 });
    return generate();
  });
  await vi.waitUntil(async () => (await store.entries()).length === 3, { interval: 1 });
  const ids = useQueue.getState().jobs.map(({ id }) => id);
  return { ...studio, store, ids, ended: Promise.all(ends) };
}

function prompts(): string[] {
  return useGallery.getState().pictures.map(({ request }) => request.prompt);
}

test('jobs run in their order, one that is moved up before the others, and no line is left', async () => {
  const { engine, store, ids, ended } = await openWithThree();
  moveJob(ids[2] ?? '', 1);
  await ended;
  expect(engine.jobs.map(({ request }) => request.prompt)).toEqual(['a cat', 'a fox', 'a dog']);
  expect(prompts()).toHaveLength(6);
  expect(await store.entries()).toEqual([]);
  expect(useQueue.getState().jobs).toEqual([]);
});

test('a pause lets the picture come to its end; the job goes on with the next one', async () => {
  const { engine, ended } = await openWithThree();
  pauseQueue();
  await vi.waitUntil(() => useRun.getState().run?.outcome === 'paused', { interval: 1 });
  expect(prompts()).toEqual(['a cat']);
  expect(useQueue.getState().jobs[0]).toMatchObject({ state: 'waiting', finished: 1 });
  resumeQueue();
  await ended;
  expect(engine.jobs.map(({ firstIndex }) => firstIndex)).toEqual([0, 1, 0, 0]);
  expect(prompts().filter((prompt) => prompt === 'a cat')).toHaveLength(2);
  expect(new Set(useGallery.getState().pictures.map(({ id }) => id)).size).toBe(6);
});

test('a job that waits is removed and comes back; cancel stops only the one that runs', async () => {
  const { ids, store, ended } = await openWithThree();
  removeJobs([ids[1] ?? '']);
  await vi.waitUntil(async () => (await store.entries()).length === 2, { interval: 1 });
  undoRemoveJobs();
  expect(useQueue.getState().jobs.map(({ id }) => id)).toEqual(ids);
  cancel();
  await ended;
  await vi.waitUntil(() => useQueue.getState().jobs.length === 0, { interval: 1 });
  expect(new Set(prompts())).toEqual(new Set(['a dog', 'a fox']));
});

test('cancelling all keeps what is done', async () => {
  const { store, ended } = await openWithThree();
  await vi.waitUntil(() => finishedCount(useRun.getState().run!) === 1, { interval: 1 });
  cancelQueue();
  await ended;
  expect(prompts()).toEqual(['a cat']);
  expect(useQueue.getState().jobs).toEqual([]);
  await vi.waitUntil(async () => (await store.entries()).length === 0, { interval: 1 });
});

test('a job that failed stays in the list, can be tried again, and goes when something new begins', async () => {
  const options = { failWith: { code: 'gpu-paused' } as const };
  const { engine } = await openTestStudio(options);
  editDraft({ prompt: 'a cat' });
  await generate();
  const [failed] = useQueue.getState().jobs;
  expect(failed).toMatchObject({ state: 'failed', failure: options.failWith });
  retryJob(failed?.id ?? '');
  await vi.waitUntil(() => engine.jobs.length === 2 && useRun.getState().run?.outcome === 'failed');
  await generate();
  expect(useQueue.getState().jobs).toHaveLength(1);
  expect(useQueue.getState().jobs[0]?.id).not.toBe(failed?.id);
});
