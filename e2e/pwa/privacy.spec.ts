/** Privacy one can check: the meter, the offline switch, and that nothing leaves the origin. */
import { expect, test } from './hosted.ts';
import { startStaticHost } from './static-host.ts';
import { expectAccessible } from '../accessible.ts';

test('a whole session reaches no other address, and the meter says so', async ({
  studio,
  page,
  baseURL,
  network,
}) => {
  const origin = new URL(baseURL ?? '').origin;
  const asked: string[] = [];
  page.context().on('request', (request) => {
    if (!request.url().startsWith('blob:')) asked.push(request.url());
  });
  await studio.open();
  await network.untilReady();
  await studio.makePicture('a red apple');
  await page.reload();
  await studio.makePicture('a cat');
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter((url) => new URL(url).origin !== origin)).toEqual([]);

  // From the second visit on nothing needs the network at all.
  expect(await network.traffic()).toEqual([`${new URL(origin).host} this studio 0 B in 0 requests`]);
  await network.open();
  await expect(network.dialog).toContainText('No other address was contacted.');
});

test('the meter counts what the first visit fetches, by origin', async ({ studio, host, page, network }) => {
  await studio.open();
  await network.untilReady();
  await network.open();
  const line = network.dialog.locator('dl > div');
  await expect(line).toHaveCount(1);
  await expect(line).toContainText('this studio');
  // Everything the host was asked for, but its own look for a new service worker.
  const shown = await line.innerText();
  const [, amount = '0', unit = '', requests = '0'] = /([\d.]+) (\w+) in (\d+) requests/.exec(shown) ?? [];
  expect(unit).toBe('MB');
  expect(Number(amount)).toBeGreaterThan(17);
  expect(Number(requests)).toBeGreaterThanOrEqual(host.asked.filter((name) => name !== 'sw.js').length / 2);
  expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
});

test('another origin is counted apart', async ({ studio, page, context, network, watch }) => {
  await studio.open();
  await network.untilReady();
  // The hub's address, answered by this test: nothing leaves the machine.
  await context.route('https://huggingface.co/**', (route) =>
    route.fulfill({ body: 'x'.repeat(5000), headers: { 'access-control-allow-origin': '*' } }),
  );
  await page.reload();
  await expect(studio.generateButton).toBeEnabled();
  const length = await page.evaluate(
    async () => (await (await fetch('https://huggingface.co/api/models')).text()).length,
  );
  expect(length).toBe(5000);
  await expect.poll(() => network.traffic()).toContain('huggingface.co 5.0 kB in 1 request');
  // Seen twice, from the page and from the service worker; it is the one this test made.
  expect([...new Set(watch.strayRequests.splice(0))]).toEqual(['https://huggingface.co/api/models']);
});

test('the offline switch holds every request back, is remembered, and lets go again', async ({
  studio,
  page,
  host,
  context,
  network,
  watch,
}) => {
  watch.allow(/Failed to load resource.*not-kept/);
  await studio.open();
  await network.untilReady();
  await network.open();
  await network.offlineSwitch.click();
  await expect(network.offlineSwitch).toBeChecked();
  await network.close();
  await expect(page.getByRole('button', { name: 'Network: off' })).toBeVisible();

  host.asked.length = 0;
  const other = await startStaticHost(host.folder, { headers: { 'Access-Control-Allow-Origin': '*' } });
  const blocked = await page.evaluate(async () => {
    const answer = await fetch('/models/starter/not-kept.onnx');
    return [answer.status, answer.headers.get('x-kiln-blocked')];
  });
  expect(blocked).toEqual([403, 'offline-switch']);
  await page.reload();
  await expect(studio.generateButton).toBeEnabled();
  await studio.makePicture('a red apple');
  // The browser itself asks whether there is a newer service worker; the studio asks for nothing.
  expect(host.asked.filter((name) => name !== 'sw.js')).toEqual([]);
  expect(other.asked).toEqual([]);
  await other.close();

  await network.open();
  await expect(network.offlineSwitch).toBeChecked();
  await expect(network.dialog).toContainText('On: nothing is fetched');
  const tab = await context.newPage();
  await tab.goto('/');
  await expect(tab.getByRole('button', { name: 'Network: off' })).toBeVisible();
  await network.offlineSwitch.click();
  await expect(network.offlineSwitch).not.toBeChecked();
  await expect(tab.getByRole('button', { name: 'Network', exact: true })).toBeVisible();
  expect(await page.evaluate(async () => (await fetch('/models/starter/not-kept.onnx')).status)).toBe(404);
});

test('a model that is not kept says that the switch is on', async ({ studio, page, network, watch }) => {
  watch.allow(/Failed to load resource/);
  await studio.open();
  await network.untilReady();
  await page.evaluate(() => caches.delete(`kiln-weights ${location.origin}/`));
  await network.open();
  await network.offlineSwitch.click();
  await network.close();
  await studio.prompt.fill('a cat');
  const kept = await studio.kept();
  await studio.generateButton.click();
  await expect(studio.alert.filter({ hasText: 'The offline switch is on' })).toBeVisible();
  expect(await studio.kept()).toEqual(kept);
  await network.open();
  await network.offlineSwitch.click();
  await network.close();
  await studio.makePicture('a cat');
});

test('the network popover has no accessibility fault', async ({ studio, page, network }) => {
  await studio.open();
  await network.untilReady();
  await page.evaluate(() => dispatchEvent(new Event('beforeinstallprompt', { cancelable: true })));
  for (const isOn of [false, true]) {
    await network.open();
    if (isOn) await network.offlineSwitch.click();
    for (const width of [390, 1024, 1600]) {
      await page.setViewportSize({ width, height: 900 });
      await expectAccessible(page, `offline switch ${isOn} at ${width} pixels`);
    }
    await network.close();
  }
});
