/** Storage denied, persistence refused, and a slow network (F31, F32, F33), as the service worker meets them. */
import { rmSync } from 'node:fs';
import { HEADERS } from '../../scripts/headers.mjs';
import { denyStorage } from '../faults.ts';
import { copyBuilt } from './built.ts';
import { expect, test } from './hosted.ts';
import { startStaticHost } from './static-host.ts';

test('F31: a browser that denies storage and service workers has the studio, and the reason', async ({
  studio,
  page,
  network,
}) => {
  await denyStorage(page);
  await page.addInitScript(() => {
    ServiceWorkerContainer.prototype.register = () =>
      Promise.reject(new DOMException('The operation is insecure.', 'SecurityError'));
    CacheStorage.prototype.open = () =>
      Promise.reject(new DOMException('The operation is insecure.', 'SecurityError'));
  });
  await studio.open();
  const banner = studio.alert.filter({ hasText: 'This browser denies storage' });
  await expect(banner).toBeVisible();
  await expect(studio.alert).toHaveCount(1);
  const said = (await studio.announced()).filter((text) => text.includes('denies storage'));
  expect(said).toHaveLength(1);
  await studio.makePicture('a red apple');
  await network.open();
  await expect(network.offlineSwitch).toBeDisabled();
  await expect(network.dialog).toContainText('gives the page no service worker');
  await expect(network.dialog).toContainText('Counted from the browser’s own timings');
  await network.close();
  await studio.makePicture('a cat');
  expect(await studio.pictureCount()).toBe(2);
});

test('F32: a browser that will not promise to keep data is not an error', async ({
  studio,
  page,
  network,
}) => {
  await page.addInitScript(() => {
    StorageManager.prototype.persist = () => Promise.resolve(false);
    StorageManager.prototype.persisted = () => Promise.resolve(false);
  });
  await studio.open();
  await network.untilReady();
  await studio.makePicture('a red apple');
  await expect(studio.alert).toHaveCount(0);
  await page.reload();
  await expect.poll(() => studio.pictureCount()).toBe(1);
  await expect(studio.alert).toHaveCount(0);
  await studio.makePicture('a cat');
});

test.describe('F33: on a slow network', () => {
  let close: () => Promise<void>;

  test.beforeEach(async ({ host }) => {
    await host.close();
    const folder = copyBuilt();
    const slow = await startStaticHost(folder, {
      port: Number(new URL(host.url).port),
      headers: HEADERS,
      bytesPerSecond: 3_000_000,
    });
    close = async () => {
      await slow.close();
      rmSync(folder, { recursive: true });
    };
  });

  test.afterEach(() => close());

  test('getting ready shows how far it is, and comes to its end while pictures are made', async ({
    studio,
    network,
  }) => {
    await studio.open();
    await network.open();
    await expect(network.dialog).toContainText('Getting ready for use without a network');
    const bar = network.dialog.getByRole('progressbar', { name: 'Getting ready for offline use' });
    const at = () => bar.evaluate((element: HTMLProgressElement) => element.value / element.max);
    const first = await at();
    await expect.poll(at).toBeGreaterThan(first);
    await network.close();
    await studio.makePicture('a red apple');
    await network.untilReady();
    await expect(studio.alert).toHaveCount(0);
    expect((await studio.announced()).filter((text) => text.includes('Ready for use'))).toHaveLength(1);
    await studio.makePicture('a cat');
  });
});
