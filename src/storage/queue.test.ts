import { beforeEach, expect, test, vi } from 'vitest';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { Job, KeptJob } from '#core/queue/queue.ts';
import { createQueue, type KeyedStore, openQueue } from './queue.ts';
import { memoryLocks, memoryStore, type Tab } from './queue.test-data.ts';

const request: GenerateRequest = {
  modelId: 'starter',
  prompt: 'a cat',
  negativePrompt: '',
  seed: 7,
  steps: 4,
  sampler: 'euler',
  schedule: 'normal',
  guidanceScale: 2,
  guidanceRescale: 0,
  widthPx: 256,
  heightPx: 256,
  count: 3,
};
const run: Job = { request, device: 'cpu', preview: 'linear', upscale: true };

let made = 0;

function jobOf(asked: Job = run): KeptJob {
  made += 1;
  return { ...asked, id: `job-${made}`, order: made, finished: 0 };
}

let store: KeyedStore;
let browser: ReturnType<typeof memoryLocks>;

beforeEach(() => {
  store = memoryStore();
  browser = memoryLocks();
});

/** A living tab is waited for in vain here: locks in memory are let go of at once. */
const PATIENCE_MS = 300;

function queueOf(tab: Tab) {
  return createQueue(store, tab.locks, PATIENCE_MS);
}

function deny(): Promise<never> {
  return Promise.reject(new DOMException('denied', 'SecurityError'));
}

test('a run whose tab died is offered, with what it had finished', async () => {
  const tab = browser.openTab();
  const line = await queueOf(tab).add(jobOf());
  await line.update({ finished: 2 });
  tab.die();
  const left = await queueOf(browser.openTab()).interrupted();
  expect(left).toMatchObject([{ ...run, finished: 2 }]);
});

test('a run that ended leaves nothing, and lets go of its lock', async () => {
  const tab = browser.openTab();
  const queue = queueOf(tab);
  const line = await queue.add(jobOf());
  expect(browser.held()).toBe(1);
  // Not awaited: the end comes after the count all the same.
  void line.update({ finished: 1 });
  await line.end();
  expect(await store.entries()).toEqual([]);
  expect(browser.held()).toBe(0);
  expect(await queue.interrupted()).toEqual([]);
});

test('a run that another tab still makes is neither offered nor taken', async () => {
  const line = await queueOf(browser.openTab()).add(jobOf());
  const [[id] = ['']] = await store.entries();
  const other = queueOf(browser.openTab());
  expect(await other.interrupted()).toEqual([]);
  expect(await other.adopt(id)).toBeNull();
  expect(await other.discard(id)).toBe(false);
  expect(await store.entries()).toHaveLength(1);
  await line.end();
});

test('of two tabs that see the same run, one takes it', async () => {
  const dead = browser.openTab();
  await queueOf(dead).add(jobOf());
  dead.die();
  const tabs = [queueOf(browser.openTab()), queueOf(browser.openTab())];
  const seen = await Promise.all(tabs.map((tab) => tab.interrupted()));
  expect(seen[0]).toEqual(seen[1]);
  const taken = await Promise.all(tabs.map((tab, i) => tab.adopt(seen[i]?.[0]?.id ?? '')));
  expect(taken.filter((line) => line !== null)).toHaveLength(1);
  expect(await store.entries()).toHaveLength(1);
  expect(await tabs[0]?.interrupted()).toEqual([]);
});

test('jobs come back in their order, also one that was moved', async () => {
  const dead = browser.openTab();
  const queue = queueOf(dead);
  const lines = [];
  for (const prompt of ['a cat', 'a dog', 'a fox']) {
    lines.push(await queue.add(jobOf({ ...run, request: { ...request, prompt } })));
  }
  await lines[0]?.update({ order: 1_000_000 });
  dead.die();
  const left = await queueOf(browser.openTab()).interrupted();
  expect(left.map((job) => job.request.prompt)).toEqual(['a dog', 'a fox', 'a cat']);
});

test('an adopted job keeps its line until it ends, and what was finished meanwhile', async () => {
  const dead = browser.openTab();
  const job = jobOf();
  await (await queueOf(dead).add(job)).update({ finished: 1 });
  dead.die();
  const second = browser.openTab();
  const line = await queueOf(second).adopt(job.id);
  expect(await queueOf(browser.openTab()).interrupted()).toEqual([]);
  await line?.update({ finished: 2 });
  second.die();
  const third = queueOf(browser.openTab());
  expect(await third.interrupted()).toMatchObject([{ id: job.id, order: job.order, finished: 2 }]);
  await (await third.adopt(job.id))?.end();
  expect(await store.entries()).toEqual([]);
});

test('a run that had all its pictures owes none', async () => {
  const dead = browser.openTab();
  const line = await queueOf(dead).add(jobOf());
  await line.update({ finished: 3 });
  dead.die();
  expect(await queueOf(browser.openTab()).interrupted()).toEqual([]);
  expect(await store.entries()).toEqual([]);
});

test('a line that cannot be right is thrown away, not run', async () => {
  const good = { startedAt: 1, device: 'cpu', preview: 'off', finished: 0, request };
  const bad = [
    null,
    'text',
    {},
    { ...good, device: 'abacus' },
    { ...good, finished: -1 },
    { ...good, finished: 0.5 },
    { ...good, extra: true },
    { ...good, request: { ...request, count: 10_000 } },
    { ...good, request: { ...request, prompt: 7 } },
    { ...good, request: { ...request, prompt: 'x'.repeat(20_000) } },
  ];
  for (const [i, line] of bad.entries()) await store.set(`bad-${i}`, line);
  const queue = queueOf(browser.openTab());
  expect(await queue.interrupted()).toEqual([]);
  expect(await store.entries()).toEqual([]);
  await store.set('good', good);
  // It was written before there was a queue.
  expect(await queue.interrupted()).toMatchObject([{ id: 'good', order: 1, finished: 0 }]);
});

test('a prompt is noted as it is read, so that a pasted book comes back too', async () => {
  const dead = browser.openTab();
  await queueOf(dead).add(jobOf({ ...run, request: { ...request, prompt: 'book '.repeat(50_000) } }));
  dead.die();
  const left = await queueOf(browser.openTab()).interrupted();
  expect(left[0]?.request.prompt.length).toBe(10_000);
});

test.each(['get', 'set', 'del', 'entries'] as const)(
  'a store that refuses to %s costs the note only',
  async (verb) => {
    const dead = browser.openTab();
    await queueOf(dead).add(jobOf());
    dead.die();
    const [[id] = ['']] = await store.entries();
    const refusing = {
      ...store,
      [verb]: deny,
    };
    const queue = createQueue(refusing, browser.openTab().locks, PATIENCE_MS);
    const line = await queue.add(jobOf());
    await line.update({ finished: 1 });
    await line.end();
    expect(browser.held()).toBe(0);
    await queue.interrupted();
    await queue.adopt(id);
    await queue.discard(id);
  },
);

test('locks that are denied cost the journal only', async () => {
  const queue = createQueue(store, { request: deny });
  const line = await queue.add(jobOf());
  await line.update({ finished: 1 });
  await line.end();
  expect(await store.entries()).toEqual([]);
  expect(await queue.interrupted()).toEqual([]);
});

test('a disk that answers late does not hold a run up, and keeps no line of it', async () => {
  const set = vi.fn(async (key: string, value: unknown) => {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await store.set(key, value);
  });
  const line = await createQueue({ ...store, set }, browser.openTab().locks).add(jobOf());
  await line.end();
  expect(browser.held()).toBe(1);
  await expect.poll(() => browser.held(), { timeout: 5_000 }).toBe(0);
  expect(set).toHaveBeenCalledOnce();
  expect(await store.entries()).toEqual([]);
});

test('where there are no locks at all nothing is noted', async () => {
  // Node 20 has none, as some older browsers.
  const queue = openQueue();
  await (await queue.add(jobOf())).end();
  expect(await queue.interrupted()).toEqual([]);
  expect(await queue.adopt('any')).toBeNull();
  expect(await queue.discard('any')).toBe(false);
});
