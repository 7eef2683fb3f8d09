import { beforeEach, expect, test, vi } from 'vitest';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { createJournal, type KeyedStore, type NotedRun, openJournal } from './journal.ts';
import { memoryLocks, memoryStore, type Tab } from './journal.test-data.ts';

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
const run: NotedRun = { request, device: 'cpu', preview: 'linear', upscale: true };

let store: KeyedStore;
let browser: ReturnType<typeof memoryLocks>;

beforeEach(() => {
  store = memoryStore();
  browser = memoryLocks();
});

function journalOf(tab: Tab) {
  return createJournal(store, tab.locks);
}

function deny(): Promise<never> {
  return Promise.reject(new DOMException('denied', 'SecurityError'));
}

test('a run whose tab died is offered, with what it had finished', async () => {
  const tab = browser.openTab();
  const note = await journalOf(tab).begin(run);
  await note.finished(2);
  tab.die();
  const left = await journalOf(browser.openTab()).interrupted();
  expect(left).toMatchObject({ ...run, finished: 2 });
});

test('a run that ended leaves nothing, and lets go of its lock', async () => {
  const tab = browser.openTab();
  const journal = journalOf(tab);
  const note = await journal.begin(run);
  expect(browser.held()).toBe(1);
  // Not awaited: the end comes after the count all the same.
  void note.finished(1);
  await note.end();
  expect(await store.entries()).toEqual([]);
  expect(browser.held()).toBe(0);
  expect(await journal.interrupted()).toBeNull();
});

test('a run that another tab still makes is neither offered nor taken', async () => {
  const note = await journalOf(browser.openTab()).begin(run);
  const [[id] = ['']] = await store.entries();
  const other = journalOf(browser.openTab());
  expect(await other.interrupted()).toBeNull();
  expect(await other.take(id)).toBe(false);
  expect(await store.entries()).toHaveLength(1);
  await note.end();
});

test('of two tabs that see the same run, one takes it', async () => {
  const dead = browser.openTab();
  await journalOf(dead).begin(run);
  dead.die();
  const tabs = [journalOf(browser.openTab()), journalOf(browser.openTab())];
  const seen = await Promise.all(tabs.map((tab) => tab.interrupted()));
  expect(seen[0]).toEqual(seen[1]);
  const taken = await Promise.all(tabs.map((tab, i) => tab.take(seen[i]?.id ?? '')));
  expect(taken.toSorted()).toEqual([false, true]);
  expect(await tabs[0]?.interrupted()).toBeNull();
});

test('the latest comes first, then the earlier one', async () => {
  const dead = browser.openTab();
  const journal = journalOf(dead);
  await journal.begin(run);
  await new Promise((resolve) => setTimeout(resolve, 2));
  await journal.begin({ ...run, request: { ...request, prompt: 'a dog' } });
  dead.die();
  const next = journalOf(browser.openTab());
  const latest = await next.interrupted();
  expect(latest?.request.prompt).toBe('a dog');
  await next.take(latest?.id ?? '');
  expect((await next.interrupted())?.request.prompt).toBe('a cat');
});

test('a run that had all its pictures owes none', async () => {
  const dead = browser.openTab();
  const note = await journalOf(dead).begin(run);
  await note.finished(3);
  dead.die();
  expect(await journalOf(browser.openTab()).interrupted()).toBeNull();
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
  const journal = journalOf(browser.openTab());
  expect(await journal.interrupted()).toBeNull();
  expect(await store.entries()).toEqual([]);
  await store.set('good', good);
  expect(await journal.interrupted()).toMatchObject({ id: 'good', finished: 0 });
});

test('a prompt is noted as it is read, so that a pasted book comes back too', async () => {
  const dead = browser.openTab();
  await journalOf(dead).begin({ ...run, request: { ...request, prompt: 'book '.repeat(50_000) } });
  dead.die();
  const left = await journalOf(browser.openTab()).interrupted();
  expect(left?.request.prompt.length).toBe(10_000);
});

test.each(['get', 'set', 'del', 'entries'] as const)(
  'a store that refuses to %s costs the journal only',
  async (verb) => {
    const dead = browser.openTab();
    await journalOf(dead).begin(run);
    dead.die();
    const [[id] = ['']] = await store.entries();
    const refusing = {
      ...store,
      [verb]: deny,
    };
    const journal = createJournal(refusing, browser.openTab().locks);
    const note = await journal.begin(run);
    await note.finished(1);
    await note.end();
    expect(browser.held()).toBe(0);
    await journal.interrupted();
    await journal.take(id);
  },
);

test('locks that are denied cost the journal only', async () => {
  const journal = createJournal(store, { request: deny });
  const note = await journal.begin(run);
  await note.finished(1);
  await note.end();
  expect(await store.entries()).toEqual([]);
  expect(await journal.interrupted()).toBeNull();
});

test('a disk that answers late does not hold a run up, and keeps no line of it', async () => {
  const set = vi.fn(async (key: string, value: unknown) => {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await store.set(key, value);
  });
  const note = await createJournal({ ...store, set }, browser.openTab().locks).begin(run);
  await note.end();
  expect(browser.held()).toBe(1);
  await expect.poll(() => browser.held(), { timeout: 5_000 }).toBe(0);
  expect(set).toHaveBeenCalledOnce();
  expect(await store.entries()).toEqual([]);
});

test('where there are no locks at all there is no journal', async () => {
  // Node 20 has none, as some older browsers.
  const journal = openJournal();
  await (await journal.begin(run)).end();
  expect(await journal.interrupted()).toBeNull();
  expect(await journal.take('any')).toBe(false);
});
