import { createHash } from 'node:crypto';
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

const BIG = 'kiln-tests/big';
const FILES = new Map([
  ['a.safetensors', noise(3_000_000, 1)],
  ['b.safetensors', noise(20_000_000, 2)],
  ['config.json', Buffer.from('{"kind":"test"}')],
]);
const CDN_B = { stage: 'cdn', path: /b\.safetensors/ } as const;

test.beforeEach(({ hub }) => {
  hub.publish(BIG, FILES);
});

test('a model from the hub is installed whole, makes a picture, and survives a reload', async ({
  studio,
  page,
  hub,
}) => {
  await studio.open();
  const plan = planOf(hub, 'kiln-tests/tiny-sd-with-manifest');
  const outcome = await install(page, plan);
  expect(outcome.outcome).toBe('done');
  expect((await progress(page)).at(-1)).toMatchObject({
    state: 'done',
    doneBytes: (await progress(page)).at(-1)!.totalBytes,
  });
  await expectWhole(page, plan);
  hub.clearLog();
  await studio.open();
  await expectInstalled(page, [plan]);
  const made = await page.evaluate(() =>
    kiln!.generate({ modelId: 'tiny-sd', prompt: 'a red apple', seed: 7, steps: 2 }),
  );
  expect(made).toEqual({ outcome: 'done', pictures: 1 });
  expect(hub.log).toEqual([]);
});

test('F7: a cut goes on at the byte where it was', async ({ studio, page, hub, watch }) => {
  watch.allow(FAILED_LOAD);
  const kept = await openWithWork(studio);
  hub.fail(CDN_B, { cutAfterBytes: 9_000_000 });
  const plan = planOf(hub, BIG);
  expect((await install(page, plan)).outcome).toBe('done');
  const asked = hub.log.filter(({ stage, path }) => stage === 'cdn' && path === 'b.safetensors');
  expect(asked.map(({ status }) => status)).toEqual([200, 206]);
  const from = Number(/bytes=(\d+)-/.exec(asked[1]!.range ?? '')?.[1]);
  expect(from).toBeGreaterThan(1_000_000);
  expect(from).toBeLessThanOrEqual(9_000_000);
  expect((await progress(page)).some(({ state }) => state === 'waiting-to-retry')).toBe(true);
  await expectWhole(page, plan);
  await expectStudioSound(studio, kept, ['The download was cut off']);
});

test('F8: a body that ends early in good order is not taken for the file', async ({ studio, page, hub }) => {
  const kept = await openWithWork(studio);
  hub.fail({ stage: 'cdn', path: /a\.safetensors/ }, { shortBytes: 3 });
  const plan = planOf(hub, BIG);
  expect((await install(page, plan)).outcome).toBe('done');
  await expectWhole(page, plan);
  await expectStudioSound(studio, kept, ['The download ended early']);
});

test('F9: a file that changed between two parts is begun anew, not mixed', async ({
  studio,
  page,
  hub,
  watch,
}) => {
  watch.allow(FAILED_LOAD);
  const kept = await openWithWork(studio);
  hub.fail(CDN_B, { cutAfterBytes: 9_000_000, etag: '"before"', content: noise(20_000_000, 9) });
  const plan = planOf(hub, BIG);
  expect((await install(page, plan)).outcome).toBe('done');
  const asked = hub.log.filter(({ stage, path }) => stage === 'cdn' && path === 'b.safetensors');
  expect(asked.at(-1)).toMatchObject({ status: 200, range: null });
  await expectWhole(page, plan);
  await expectStudioSound(studio, kept, ['The download was cut off']);
});

test('F10: a flipped byte is fetched once more; the second time the source is named and nothing installed', async ({
  studio,
  page,
  hub,
}) => {
  const kept = await openWithWork(studio);
  hub.fail(CDN_B, { flipByte: 12_345_678 });
  const plan = planOf(hub, BIG);
  expect((await install(page, plan)).outcome).toBe('done');
  expect((await progress(page)).some(({ refetching }) => refetching === 'b.safetensors')).toBe(true);
  await expectSaidOnce(studio, 'b.safetensors arrived damaged and is fetched again');
  await expectWhole(page, plan);
  await page.evaluate((key) => kiln!.library.remove(key), { id: plan.id, revision: plan.revision });

  hub.fail(CDN_B, { flipByte: 12_345_678 }, 9);
  const outcome = await install(page, plan);
  expect(outcome).toMatchObject({
    outcome: 'failed',
    failure: { code: 'download-damaged', file: 'b.safetensors' },
  });
  await expectInstalled(page, []);
  await expectStudioSound(studio, kept, ['The download is damaged at its source']);
});

test('F11: a login page is not taken for weights', async ({ studio, page, hub }) => {
  const kept = await openWithWork(studio);
  hub.fail({ path: /a\.safetensors/ }, { html: true });
  const outcome = await install(page, planOf(hub, BIG));
  expect(outcome).toMatchObject({
    outcome: 'failed',
    failure: { code: 'download-login-page', file: 'a.safetensors' },
  });
  await expectInstalled(page, []);
  await expectStudioSound(studio, kept, ['A web page came instead of the model']);
});

test('F12: what is busy is asked again; what is refused or gone is final, with what to do', async ({
  studio,
  page,
  hub,
  watch,
}) => {
  watch.allow(FAILED_LOAD);
  const kept = await openWithWork(studio);
  hub.fail({ path: /a\.safetensors/ }, { status: 429, retryAfterS: 1 });
  const plan = planOf(hub, BIG);
  expect((await install(page, plan)).outcome).toBe('done');
  const waited = (await progress(page)).find(({ state }) => state === 'waiting-to-retry');
  expect(waited).toMatchObject({
    retryInSeconds: expect.any(Number),
    because: { code: 'download-busy', status: 429 },
  });
  await page.evaluate((key) => kiln!.library.remove(key), { id: plan.id, revision: plan.revision });
  for (const [status, code] of [
    [401, 'download-denied'],
    [404, 'download-gone'],
  ] as const) {
    hub.fail({ path: /a\.safetensors/ }, { status });
    const outcome = await install(page, plan);
    expect(outcome).toMatchObject({ outcome: 'failed', failure: { code, status } });
    await page.evaluate((key) => kiln!.library.cancel(key), { id: plan.id, revision: plan.revision });
  }
  await expectInstalled(page, []);
  await expectStudioSound(studio, kept, [
    'The server is too busy',
    'The model is not open to everyone',
    'The model is no longer where it was',
  ]);
});

test('F13: offline at the start and on the way, and back again', async ({
  studio,
  page,
  context,
  hub,
  watch,
}) => {
  watch.allow(FAILED_LOAD);
  const kept = await openWithWork(studio);
  const plan = planOf(hub, BIG);
  await context.setOffline(true);
  await begin(page, plan);
  await expect.poll(() => lastState(page)).toBe('waiting-to-retry');
  expect((await progress(page)).at(-1)).toMatchObject({
    retryInSeconds: null,
    because: { code: 'download-offline' },
  });
  await expectSaidOnce(studio, 'There is no connection');
  hub.fail(CDN_B, { bytesPerSecond: 4_000_000, cutAfterBytes: 16_000_000 });
  await context.setOffline(false);
  await expect.poll(async () => (await progress(page)).at(-1)?.doneBytes ?? 0).toBeGreaterThan(6_000_000);
  await context.setOffline(true);
  await expect.poll(() => lastState(page), { timeout: 30_000 }).toBe('waiting-to-retry');
  const stopped = (await progress(page)).at(-1)!;
  expect(stopped).toMatchObject({ retryInSeconds: null, because: { code: 'download-offline' } });
  hub.clearLog();
  await context.setOffline(false);
  await expect.poll(() => lastState(page), { timeout: 30_000 }).toBe('done');
  const asked = hub.log.filter(({ stage }) => stage === 'cdn');
  expect(asked.map(({ status, range }) => ({ status, range }))).toEqual([
    { status: 206, range: `bytes=${stopped.doneBytes - FILES.get('a.safetensors')!.length}-` },
  ]);
  await expectWhole(page, plan);
  const said = (await studio.announced()).filter((text) => text.includes('There is no connection'));
  expect(said, 'said once each time').toHaveLength(2);
  await expectStudioSound(studio, kept, []);
});

test('pause keeps what has come, over a reload too; resume fetches the rest; cancel leaves nothing', async ({
  studio,
  page,
  hub,
}) => {
  const kept = await openWithWork(studio);
  hub.fail(CDN_B, { bytesPerSecond: 4_000_000 });
  const plan = planOf(hub, BIG);
  const key = { id: plan.id, revision: plan.revision };
  await begin(page, plan);
  await expect.poll(async () => (await progress(page)).at(-1)?.doneBytes ?? 0).toBeGreaterThan(6_000_000);
  await page.evaluate((one) => kiln!.library.pause(one), key);
  await expect.poll(() => lastState(page)).toBe('paused');
  hub.heal();
  await studio.open();
  await expect.poll(async () => (await list(page)).installing[0]?.state).toBe('paused');
  expect((await list(page)).installing[0]!.doneBytes).toBeGreaterThan(6_000_000);
  await expectInstalled(page, []);
  hub.clearLog();
  const outcome = await install(page, plan);
  expect(outcome.outcome).toBe('done');
  const asked = hub.log.find(({ stage, path }) => stage === 'cdn' && path === 'b.safetensors');
  expect(asked).toMatchObject({ status: 206, range: expect.stringMatching(/^bytes=\d{7,}-$/) });
  await expectWhole(page, plan);

  await page.evaluate((one) => kiln!.library.remove(one), key);
  hub.fail(CDN_B, { bytesPerSecond: 2_000_000 });
  await begin(page, plan);
  // The last that was heard may still be of the first time.
  await expect.poll(() => lastState(page)).toBe('downloading');
  await expect.poll(async () => (await progress(page)).at(-1)?.doneBytes ?? 0).toBeGreaterThan(3_500_000);
  await page.evaluate((one) => kiln!.library.cancel(one), key);
  await expect.poll(() => lastState(page)).toBe('cancelled');
  await expect.poll(async () => (await list(page)).installing).toEqual([]);
  const usage = await page.evaluate(() => kiln!.library.usage());
  expect(usage).toMatchObject({ ok: true, value: { installedBytes: 0, partialBytes: 0 } });
  await expectStudioSound(studio, kept, []);
});

test('F31: where storage is denied an install says so, and the studio works', async ({
  studio,
  page,
  hub,
}) => {
  await page.context().route(/\/assets\/library\.worker-[\w-]+\.js$/, async (route) => {
    const response = await route.fetch();
    const deny = "IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); };";
    await route.fulfill({ response, body: `${deny}\n${await response.text()}` });
  });
  const kept = await openWithWork(studio);
  const outcome = await install(page, planOf(hub, BIG));
  expect(outcome).toEqual({ outcome: 'failed', failure: { code: 'storage-denied' } });
  await expectStudioSound(studio, kept, ['This browser keeps nothing']);
});

test('F32: persistence is asked for with the first install, and the answer is said once', async ({
  studio,
  page,
  hub,
}) => {
  await studio.open();
  await page.evaluate(() => {
    const answers: boolean[] = [];
    (globalThis as { answers?: boolean[] }).answers = answers;
    kiln!.library.subscribe((event) => {
      if (event.kind === 'persistence') answers.push(event.persisted);
    });
  });
  const plan = planOf(hub, BIG, /^(a|config)/);
  expect((await install(page, plan)).outcome).toBe('done');
  expect((await install(page, planOf(hub, 'kiln-tests/tiny-sd-with-manifest'))).outcome).toBe('done');
  // Headless Chromium always says no.
  expect(await page.evaluate(() => (globalThis as { answers?: boolean[] }).answers)).toEqual([false]);
  await expectSaidOnce(studio, 'This browser may clear models when it needs room');
});

test('F33: a slow network shows a speed and a time left, and is not a time-out', async ({
  studio,
  page,
  hub,
}) => {
  const kept = await openWithWork(studio);
  hub.fail({ stage: 'cdn', path: /a\.safetensors/ }, { bytesPerSecond: 600_000 });
  const plan = planOf(hub, BIG, /^(a|config)/);
  expect((await install(page, plan)).outcome).toBe('done');
  const told = (await progress(page)).filter(({ bytesPerSecond }) => bytesPerSecond !== null);
  expect(told.length).toBeGreaterThan(3);
  for (const { bytesPerSecond, secondsLeft } of told) {
    expect(bytesPerSecond).toBeGreaterThan(50_000);
    expect(bytesPerSecond).toBeLessThan(3_000_000);
    expect(secondsLeft).toBeLessThan(60);
  }
  await expectStudioSound(studio, kept, []);
});

test('a file whose hash nobody gave is checked by its git object, and pinned', async ({
  studio,
  page,
  hub,
}) => {
  await studio.open();
  const plan = planOf(hub, BIG, /^config/);
  const content = FILES.get('config.json')!;
  const gitSha1 = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
  const blind = { ...plan, files: plan.files.map((file) => ({ ...file, sha256: null, gitSha1 })) };
  const outcome = await install(page, blind);
  expect(outcome).toMatchObject({ outcome: 'done', model: { files: [{ sha256: plan.files[0]!.sha256 }] } });
  const wrong = {
    ...blind,
    revision: 'other',
    files: blind.files.map((file) => ({ ...file, gitSha1: '0'.repeat(40) })),
  };
  expect(await install(page, wrong)).toMatchObject({
    outcome: 'failed',
    failure: { code: 'download-damaged' },
  });
});
