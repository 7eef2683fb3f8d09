import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  readFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { BrowserContext, CDPSession, Page } from '@playwright/test';
import { chromium } from '@playwright/test';
import { FLAGS, findBrowser } from '../../scripts/browser.mjs';
import type { Watch } from '../fixtures.ts';
import { evictDatabases } from '../faults.ts';
import type { Hub } from '../hub/server.mjs';
import { type Kept, Studio } from '../studio.ts';
import { LibraryPage } from '../studio/library-page.ts';

import {
  begin,
  expect,
  expectInstalled,
  expectSaidOnce,
  expectStudioSound,
  expectWhole,
  FAILED_LOAD,
  install,
  lastState,
  list,
  noise,
  openWithWork,
  planOf,
  progress,
  test,
} from './library.ts';

const TINY = 'kiln-tests/tiny-sd-with-manifest';
const BIG = 'kiln-tests/big-one';
const PICTURE = { modelId: 'tiny-sd', prompt: 'a red apple', seed: 7, steps: 2 };

/** A browser with a profile on the disk, which outlives it. */
async function openProfile(
  hub: Hub,
  watch: Watch,
  folder: string,
  baseURL: string | undefined,
  quotaBytes?: number,
): Promise<{ context: BrowserContext; page: Page; studio: Studio; kept: Kept; session: CDPSession | null }> {
  const executablePath = await findBrowser();
  const context = await chromium.launchPersistentContext(folder, {
    args: [...FLAGS, ...hub.browserFlags],
    ...(baseURL ? { baseURL } : {}),
    serviceWorkers: 'block',
    ...(executablePath ? { executablePath } : {}),
  });
  const page = context.pages()[0] ?? (await context.newPage());
  await watch.also(page);
  let session: CDPSession | null = null;
  if (quotaBytes !== undefined) {
    session = await context.newCDPSession(page);
    const origin = new URL(baseURL ?? '').origin;
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: quotaBytes });
  }
  const studio = new Studio(page);
  return { context, page, studio, kept: await openWithWork(studio), session };
}

function temporaryFolder(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'kiln-library-'));
}

/** The process of the browser that holds a profile. */
function browserOf(profile: string): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const file = `/proc/${pid}/cmdline`;
    const args = existsSync(file) ? readFileSync(file, 'utf8').split('\0') : [];
    if (args.includes(`--user-data-dir=${profile}`) && !args.some((arg) => arg.startsWith('--type=')))
      return Number(pid);
  }
  throw new Error('No browser holds this profile.');
}

/** The largest file that the browser keeps for a Blob in a database. */
function largestBlobFile(profile: string): string {
  const root = path.join(profile, 'Default', 'IndexedDB');
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath.includes('.indexeddb.blob'))
    .map((entry) => path.join(entry.parentPath, entry.name));
  return files.sort((a, b) => statSync(b).size - statSync(a).size)[0]!;
}

test('F14: a full disk refuses the install, leaves nothing of it, and names what could go', async ({
  hub,
  watch,
  baseURL,
}) => {
  test.setTimeout(180_000);
  const folder = temporaryFolder();
  const small = planOf(hub, TINY);
  hub.publish(BIG, new Map([['w.safetensors', noise(20_000_000, 8)]]));
  const plan = planOf(hub, BIG);
  try {
    const first = await openProfile(hub, watch, folder, baseURL);
    expect((await install(first.page, small)).outcome).toBe('done');
    await first.context.close();

    // Chromium remembers for a while how much room there is: the limit is set before the library is opened.
    const { context, page, studio, kept, session } = await openProfile(hub, watch, folder, baseURL, 2 ** 20);
    expect(await install(page, plan)).toMatchObject({
      outcome: 'failed',
      failure: { code: 'storage-full', couldGo: [{ name: small.name, sizeBytes: expect.any(Number) }] },
    });
    await expectInstalled(page, [small]);
    const left = await page.evaluate(() => kiln!.library.usage());
    expect(left).toMatchObject({ ok: true, value: { partialBytes: 0 } });
    await session?.detach();
    expect((await install(page, plan)).outcome).toBe('done');
    await expectWhole(page, plan);
    await expectStudioSound(studio, kept, []);
    await context.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('F15: what the browser removed is told from a first visit, and installed again', async ({
  studio,
  page,
  hub,
}) => {
  const kept = await openWithWork(studio);
  const plan = planOf(hub, TINY);
  expect((await install(page, plan)).outcome).toBe('done');
  // Reads are under way as the browser clears the storage: they are let down, and no error goes unheard.
  const reading = page.evaluate(async () => {
    const end = performance.now() + 1_500;
    while (performance.now() < end) await kiln!.adapters().catch(() => []);
  });
  await evictDatabases(page);
  await reading;
  await studio.open();
  await new LibraryPage(page).open();
  const { installed } = await list(page);
  expect(installed).toMatchObject([
    { id: plan.id, revision: plan.revision, state: 'evicted', name: plan.name },
  ]);
  const refused = await page.evaluate((request) => kiln!.generate(request), PICTURE);
  expect(refused).toMatchObject({ outcome: 'failed', failure: { code: 'model-evicted', name: plan.name } });
  const key = { id: plan.id, revision: plan.revision };
  const outcome = await page.evaluate((one) => kiln!.library.repair(one), key);
  expect(outcome.outcome).toBe('done');
  await expectInstalled(page, [plan]);
  await expectWhole(page, plan);
  await page.evaluate((one) => kiln!.library.remove(one), key);
  await expectInstalled(page, []);
  await expectStudioSound(studio, kept, ['The browser removed this model']);
});

test('F16, F17: a damaged database and a damaged file are found, said and mended by the damaged piece alone', async ({
  hub,
  watch,
  baseURL,
}) => {
  test.setTimeout(180_000);
  const folder = temporaryFolder();
  hub.publish(BIG, new Map([['w.safetensors', noise(20_000_000, 5)]]));
  const plan = planOf(hub, BIG);
  const key = { id: plan.id, revision: plan.revision };
  try {
    let { context, page, studio, kept } = await openProfile(hub, watch, folder, baseURL);
    expect((await install(page, plan)).outcome).toBe('done');
    await context.close();

    truncateSync(largestBlobFile(folder), 1_000);
    ({ context, page, studio, kept } = await openProfile(hub, watch, folder, baseURL));
    const report = await page.evaluate((one) => kiln!.library.verify(one), key);
    expect(report).toMatchObject({ ok: true, value: { damagedFiles: ['w.safetensors'] } });
    expect((await list(page)).installed[0]).toMatchObject({ state: 'damaged' });
    await expectSaidOnce(studio, 'One file of it cannot be read as it was stored');
    hub.clearLog();
    expect((await page.evaluate((one) => kiln!.library.repair(one), key)).outcome).toBe('done');
    // The damaged piece and not the file; a piece at the start is the head of a plain request.
    const asked = hub.log.filter(({ stage }) => stage === 'cdn');
    expect(asked).toHaveLength(1);
    await expectWhole(page, plan);
    await expectInstalled(page, [plan]);
    await context.close();

    const database = path.join(folder, 'Default', 'IndexedDB');
    for (const entry of readdirSync(database, { recursive: true, withFileTypes: true })) {
      if (!/^(MANIFEST-\d+|\d+\.log)$/.test(entry.name)) continue;
      const file = path.join(entry.parentPath, entry.name);
      writeFileSync(
        file,
        readFileSync(file).map((byte) => byte ^ 0x5a),
      );
    }
    ({ context, page, studio, kept } = await openProfile(hub, watch, folder, baseURL));
    expect((await list(page)).installed).toMatchObject([{ ...key, state: 'evicted' }]);
    expect((await page.evaluate((one) => kiln!.library.repair(one), key)).outcome).toBe('done');
    await expectWhole(page, plan);
    await expectStudioSound(studio, kept, ['The browser removed this model']);
    await context.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('F18: wrong bytes in the store are found before the runtime sees them, and mended', async ({
  studio,
  page,
  hub,
}) => {
  const kept = await openWithWork(studio);
  const plan = planOf(hub, TINY);
  expect((await install(page, plan)).outcome).toBe('done');
  await page.evaluate(
    async (name) => {
      const open = indexedDB.open('kiln-library');
      await new Promise((done) => open.addEventListener('success', done));
      const transaction = open.result.transaction('chunks', 'readwrite');
      const chunks = transaction.objectStore('chunks');
      const get = chunks.get(name);
      get.addEventListener('success', () =>
        chunks.put(new Blob([new Uint8Array((get.result as Blob).size)]), name),
      );
      await new Promise((done) => transaction.addEventListener('complete', done));
      open.result.close();
    },
    plan.files.find(({ path: name }) => name === 'unet/model.onnx')!.sha256!,
  );
  const failed = await page.evaluate((request) => kiln!.generate(request), PICTURE);
  expect(failed).toMatchObject({
    outcome: 'failed',
    failure: { code: 'model-damaged', files: ['unet/model.onnx'] },
  });
  expect((await list(page)).installed[0]).toMatchObject({
    state: 'damaged',
    damagedFiles: ['unet/model.onnx'],
  });
  const key = { id: plan.id, revision: plan.revision };
  hub.clearLog();
  expect((await page.evaluate((one) => kiln!.library.repair(one), key)).outcome).toBe('done');
  expect([...new Set(hub.log.map(({ path: name }) => name))]).toEqual(['unet/model.onnx']);
  const made = await page.evaluate((request) => kiln!.generate(request), PICTURE);
  expect(made).toEqual({ outcome: 'done', pictures: 1 });
  await page.evaluate((one) => kiln!.library.remove(one), key);
  await expectStudioSound(studio, kept, ['One file of it cannot be read as it was stored']);
});

test('F19: a browser killed in mid-install goes on where it was, and lists nothing before', async ({
  hub,
  watch,
  baseURL,
}) => {
  test.setTimeout(180_000);
  const folder = temporaryFolder();
  hub.publish(BIG, new Map([['w.safetensors', noise(30_000_000, 6)]]));
  const plan = planOf(hub, BIG);
  try {
    const first = await openProfile(hub, watch, folder, baseURL);
    hub.fail({ stage: 'cdn', path: /w\.safetensors/ }, { bytesPerSecond: 4_000_000 });
    await begin(first.page, plan);
    // The third piece of 8 MiB is begun only when the first is on the disk.
    await expect
      .poll(async () => (await progress(first.page)).at(-1)?.doneBytes ?? 0)
      .toBeGreaterThan(17_000_000);
    await expectInstalled(first.page, []);
    const closed = new Promise((done) => first.context.once('close', done));
    process.kill(browserOf(folder), 'SIGKILL');
    await closed;
    hub.heal();
    hub.clearLog();

    // Nobody asks for it: it goes on by itself.
    const second = await openProfile(hub, watch, folder, baseURL);
    await expect.poll(async () => (await list(second.page)).installed.length, { timeout: 60_000 }).toBe(1);
    await expectWhole(second.page, plan);
    // A request is noted as it ends, that of the killed browser perhaps only now.
    const asked = hub.log.findLast(({ stage }) => stage === 'cdn');
    expect(asked).toMatchObject({ status: 206, range: expect.stringMatching(/^bytes=\d{7,}-$/) });
    await expectStudioSound(second.studio, second.kept, []);
    await second.context.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('F23: two tabs make one download; the second shows it, may pause it, and takes it over', async ({
  studio,
  page,
  context,
  hub,
  watch,
}) => {
  const kept = await openWithWork(studio);
  const other = await context.newPage();
  await watch.also(other);
  await new Studio(other).open();
  hub.publish(BIG, new Map([['w.safetensors', noise(60_000_000, 7)]]));
  const plan = planOf(hub, BIG);
  const key = { id: plan.id, revision: plan.revision };
  hub.fail({ stage: 'cdn' }, { bytesPerSecond: 3_000_000 }, 9);
  const heard = async () => (await progress(page)).at(-1);
  await begin(other, plan);
  await expect.poll(async () => (await progress(other)).at(-1)?.doneBytes ?? 0).toBeGreaterThan(0);
  await begin(page, plan);
  await expect.poll(heard).toMatchObject({ state: 'downloading', elsewhere: true });
  await expect(page.getByText('Another tab is downloading this.')).toBeVisible();
  await page.evaluate((one) => kiln!.library.pause(one), key);
  await expect.poll(() => lastState(other)).toBe('paused');
  const pausedAt = (await progress(other)).at(-1)!.doneBytes;
  await other.evaluate((one) => kiln!.library.resume(one), key);
  await expect.poll(() => lastState(other)).toBe('downloading');
  // It waits for its turn while the other tab works.
  await begin(page, plan);
  await expect
    .poll(async () => (await heard())?.doneBytes ?? 0, { timeout: 30_000 })
    .toBeGreaterThan(pausedAt + 10_000_000);
  expect(await heard()).toMatchObject({ state: 'downloading', elsewhere: true });
  hub.heal();
  await other.close();
  await expect.poll(async () => (await list(page)).installed.length, { timeout: 60_000 }).toBe(1);
  await expectWhole(page, plan);
  // Each answer that was sent whole or in part began where the one before it ended.
  const starts = hub.log
    .filter(({ stage }) => stage === 'cdn')
    .map(({ range }) => Number(/\d+/.exec(range ?? '0')?.[0]));
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  expect(new Set(starts).size).toBe(starts.length);
  await expectStudioSound(studio, kept, []);
});

test('F24: an old tab in the way of new tables is named, and one of ours lets go by itself', async ({
  baseURL,
  studio,
  page,
  context,
  hub,
  watch,
}) => {
  await openWithWork(studio);
  expect((await install(page, planOf(hub, TINY))).outcome).toBe('done');
  // A newer studio opens the same library: this tab's connections close, and it comes.
  const opened = await page.evaluate(async () => {
    const open = indexedDB.open('kiln-library', 2);
    return new Promise<string>((done) => {
      open.addEventListener('success', () => {
        open.result.close();
        done('opened');
      });
      open.addEventListener('blocked', () => setTimeout(() => done('blocked'), 3_000));
    });
  });
  expect(opened).toBe('opened');
  const usage = await page.evaluate(() => kiln!.library.usage());
  expect(usage).toEqual({ ok: false, failure: { code: 'storage-blocked' } });

  // An older tab that does not let go, before this studio's first visit.
  const clean = await context
    .browser()!
    .newContext({ ...(baseURL ? { baseURL } : {}), serviceWorkers: 'block' });
  const old = await clean.newPage();
  await watch.also(old);
  const workers = /\/assets\/[\w.-]*worker-[\w-]+\.js$/;
  await clean.route(workers, async (route) => {
    const response = await route.fetch();
    const hold = 'IDBDatabase.prototype.close = () => undefined;';
    await route.fulfill({ response, body: `${hold}\n${await response.text()}` });
  });
  await new Studio(old).open();
  // A worker that is still on its way gets its answer first.
  await clean.unrouteAll({ behavior: 'wait' });
  await clean.route(/\/assets\/[\w.-]+\.js$/, async (route) => {
    const response = await route.fetch();
    const newer =
      'const open = IDBFactory.prototype.open; IDBFactory.prototype.open = function (name, version) { return open.call(this, name, name === "kiln-library" ? 2 : version); };';
    const isWorker = /library\.worker/.test(route.request().url());
    await route.fulfill({
      response,
      body: isWorker ? `${newer}\n${await response.text()}` : await response.text(),
    });
  });
  const fresh = await clean.newPage();
  await watch.also(fresh);
  const freshStudio = new Studio(fresh);
  const kept = await openWithWork(freshStudio);
  expect(await fresh.evaluate(() => kiln!.library.usage())).toEqual({
    ok: false,
    failure: { code: 'storage-blocked' },
  });
  await expectSaidOnce(freshStudio, 'Another tab holds the library');
  await old.close();
  await expect.poll(() => fresh.evaluate(() => kiln!.library.usage())).toMatchObject({ ok: true });
  await fresh.getByRole('button', { name: 'Try again' }).click();
  await expect(freshStudio.alert).toHaveCount(0);
  await expectStudioSound(freshStudio, kept, ['Another tab holds the library']);
  await clean.close();
});

test('two versions stand side by side, share what they have in common, and switch and roll back', async ({
  studio,
  page,
  hub,
  watch,
}) => {
  watch.allow(FAILED_LOAD);
  await studio.open();
  const first = planOf(hub, TINY);
  expect((await install(page, first)).outcome).toBe('done');
  const files = hub.filesOf(TINY);
  files.set('README.md', Buffer.from('a later version'));
  hub.publish(TINY, files);
  const second = planOf(hub, TINY);
  expect(second.revision).not.toBe(first.revision);
  hub.clearLog();
  expect((await install(page, second)).outcome).toBe('done');
  // All its files were here.
  expect(hub.log.filter(({ stage }) => stage === 'cdn')).toEqual([]);
  const keyOf = ({ id, revision }: typeof first) => ({ id, revision });
  const active = async () => (await list(page)).installed.find((model) => model.active)?.revision;
  expect(await active()).toBe(second.revision);
  const back = await page.evaluate((id) => kiln!.library.rollBack(id), first.id);
  expect(back).toEqual({ ok: true, value: keyOf(first) });
  expect(await active()).toBe(first.revision);
  await page.evaluate((key) => kiln!.library.setActive(key), keyOf(second));
  expect(await active()).toBe(second.revision);
  const { installed } = await list(page);
  expect(installed.map(({ freesBytes }) => freesBytes)).toEqual([0, 0]);
  for (const { revision } of [first, second]) {
    const made = await page.evaluate((request) => kiln!.generate(request), { ...PICTURE, revision });
    expect(made).toEqual({ outcome: 'done', pictures: 1 });
  }
  const freed = await page.evaluate((key) => kiln!.library.remove(key), keyOf(second));
  expect(freed).toEqual({ ok: true, value: { freedBytes: 0 } });
  await expectInstalled(page, [first]);
  expect(await active()).toBe(first.revision);
});

test('a backup of the library comes back from one file; what is no backup is refused', async ({
  studio,
  page,
  hub,
}) => {
  await studio.open();
  const plan = planOf(hub, TINY);
  expect((await install(page, plan)).outcome).toBe('done');
  const result = await page.evaluate(
    async (key) => {
      const { library } = kiln!;
      const backup = await library.backup();
      const one = await library.exportModel(key);
      if (!backup.ok || !one.ok) throw new Error('no archive');
      await library.remove(key);
      const damaged = new Uint8Array(await backup.value.arrayBuffer());
      damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
      return {
        garbage: await library.importArchive(new Blob(['no archive at all'])),
        damaged: await library.importArchive(new Blob([damaged])),
        restored: await library.importArchive(backup.value),
        again: await library.importArchive(one.value),
      };
    },
    { id: plan.id, revision: plan.revision },
  );
  const key = { id: plan.id, revision: plan.revision };
  expect(result.garbage).toMatchObject({ ok: false, failure: { code: 'archive-invalid' } });
  expect(result.damaged).toMatchObject({ ok: false, failure: { code: 'download-damaged' } });
  expect(result.restored).toEqual({ ok: true, value: { installed: [key] } });
  expect(result.again).toEqual({ ok: true, value: { installed: [key] } });
  await expectInstalled(page, [plan]);
  await expectWhole(page, plan);
  const made = await page.evaluate((request) => kiln!.generate(request), PICTURE);
  expect(made).toEqual({ outcome: 'done', pictures: 1 });
});
