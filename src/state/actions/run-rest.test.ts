import { expect, test, vi } from 'vitest';
import { cancel } from '#state/actions/cancel.ts';
import { dismissInterrupted } from '#state/actions/dismiss-interrupted.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { generate } from '#state/actions/generate.ts';
import { runRest } from '#state/actions/run-rest.ts';
import { useGallery } from '#state/gallery.ts';
import { useInterrupted } from '#state/interrupted.ts';
import { finishedCount, useRun } from '#state/run.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';
import type { Gallery } from '#storage/gallery.ts';
import { openMemoryGallery } from '#storage/gallery.ts';
import { createQueue } from '#storage/queue.ts';
import { memoryLocks, memoryStore } from '#storage/queue.test-data.ts';

/** A gallery in memory that says of itself that it is on the disk. */
function durableGallery(): Gallery {
  const gallery = openMemoryGallery();
  return {
    ...gallery,
    durable: true,
    add: async (card, png) => {
      await gallery.add(card, png);
      return { durable: true };
    },
  };
}

/** A studio whose tab dies after the first of three pictures, and one opened after it. */
async function openAfterCrash(gallery = durableGallery()) {
  const store = memoryStore();
  const browser = memoryLocks();
  const dead = browser.openTab();
  await openTestStudio({ stepMs: 5, gallery, queue: createQueue(store, dead.locks) });
  editDraft({ prompt: 'a cat', seed: 10, isSeedLocked: true, count: 3 });
  const running = generate();
  await vi.waitUntil(() => finishedCount(useRun.getState().run!) === 1, { interval: 1 });
  await vi.waitUntil(async () => (await store.entries()).length === 1, { interval: 1 });
  const [[id, line] = ['', {}]] = await store.entries();
  const atDeath = { id, line: { ...(line as object), finished: gallery.durable ? 1 : 0 } };
  dead.die();
  cancel();
  await running;
  // A dead tab crosses nothing out.
  await store.set(atDeath.id, atDeath.line);
  const studio = await openTestStudio({
    gallery,
    queue: createQueue(store, browser.openTab().locks),
  });
  return { ...studio, store };
}

test('the rest is made from the seeds it would have had, and the disk owes nothing more', async () => {
  const { engine, store } = await openAfterCrash();
  expect(useInterrupted.getState().jobs).toMatchObject([{ finished: 1, request: { seed: 10, count: 3 } }]);
  await runRest();
  expect(engine.jobs[0]?.request).toMatchObject({ prompt: 'a cat', seed: 10, count: 3 });
  expect(engine.jobs[0]?.firstIndex).toBe(1);
  expect(useGallery.getState().pictures.map((picture) => picture.seed)).toEqual([12, 11, 10]);
  expect(useInterrupted.getState().jobs).toEqual([]);
  expect(await store.entries()).toEqual([]);
});

test('dismissed is forgotten, and what was finished stays', async () => {
  const { engine, store } = await openAfterCrash();
  const dismissing = dismissInterrupted();
  // Offered until the disk has forgotten it: a tab closed meanwhile would bring it back.
  expect(useInterrupted.getState()).toMatchObject({ jobs: [{ finished: 1 }], isForgetting: true });
  await dismissing;
  expect(useInterrupted.getState()).toEqual({ jobs: [], isForgetting: false });
  expect(await store.entries()).toEqual([]);
  expect(engine.jobs).toHaveLength(0);
  expect(useGallery.getState().pictures).toHaveLength(1);
});

test('what another tab took meanwhile is not made twice', async () => {
  const { engine, store } = await openAfterCrash();
  const [job] = useInterrupted.getState().jobs;
  await store.del(job?.id ?? '');
  await runRest();
  expect(engine.jobs).toHaveLength(0);
  expect(useInterrupted.getState().jobs).toEqual([]);
});

test.each(['done', 'cancelled', 'failed'] as const)('a run that is %s leaves no line', async (outcome) => {
  const store = memoryStore();
  await openTestStudio({
    stepMs: 2,
    queue: createQueue(store, memoryLocks().ofTab()),
    ...(outcome === 'failed' ? { failWith: { code: 'engine-died', detail: 'test' } } : {}),
  });
  editDraft({ prompt: 'a cat' });
  const running = generate();
  await vi.waitUntil(async () => (await store.entries()).length === 1, { interval: 1 });
  if (outcome === 'cancelled') cancel();
  await running;
  expect(useRun.getState().run?.outcome).toBe(outcome);
  expect(await store.entries()).toEqual([]);
});

test('pictures that only this tab has do not count as finished', async () => {
  const store = memoryStore();
  await openTestStudio({ stepMs: 1, queue: createQueue(store, memoryLocks().ofTab()) });
  const set = vi.spyOn(store, 'set');
  editDraft({ prompt: 'a cat', count: 2 });
  await generate();
  expect(set.mock.calls.map(([, line]) => (line as { finished: number }).finished)).toEqual([0, 0, 0]);
});
