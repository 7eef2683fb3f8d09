/** A new version on the host while a picture is being made (F25): offered, never forced, and nothing is lost. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './hosted.ts';
import type { StaticHost } from './static-host.ts';

const OFFER = 'A new version of the studio is ready.';

/** Puts a second version on the host: another page, and without the chunks that only the first one has. */
function publish(host: StaticHost): void {
  const read = (name: string) => readFileSync(path.join(host.folder, name), 'utf8');
  host.instead.set(
    'index.html',
    read('index.html').replace('<head>', '<head><meta name="version" content="2">'),
  );
  host.instead.set(
    'sw.js',
    read('sw.js').replace(/("revision":")[0-9a-f]+(","url":"index\.html")/, '$1second$2'),
  );
  for (const name of readdirSync(path.join(host.folder, 'assets'))) {
    if (/^(recall|picture-file)-/.test(name)) host.gone.add(`assets/${name}`);
  }
  expect(host.instead.get('sw.js')).toContain('"revision":"second"');
  expect(host.gone.size).toBeGreaterThanOrEqual(2);
}

/** What the browser does by itself on a visit, or after a day. */
async function lookForUpdate(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await (await navigator.serviceWorker.ready).update();
  });
}

/** The mark of the second version's page. */
function second(page: Page): Locator {
  return page.locator('meta[name="version"][content="2"]');
}

test('an update in mid-run waits for the run and for a person, and keeps everything', async ({
  studio,
  page,
  host,
  network,
}) => {
  await studio.open();
  await network.untilReady();
  await studio.makePicture('a cat');
  // Four passes a step: the run must outlast the download of the new version.
  await studio.field('Sampler').selectOption('heun');
  await studio.field('Guidance').fill('3');
  await studio.field('Steps').fill('50');
  await studio.field('Pictures').fill('16');
  await studio.prompt.fill('a red apple');
  await studio.generateButton.click();
  await expect(studio.progress).toBeVisible();

  publish(host);
  await lookForUpdate(page);
  const offer = page.getByRole('status').filter({ hasText: OFFER });
  const update = page.getByRole('button', { name: 'Update', exact: true });
  await expect(offer).toContainText('It waits until this run has ended.');
  await expect(update).toBeDisabled();
  await expect(studio.cancelButton).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(studio.generateButton).toBeVisible();
  await expect(update).toBeEnabled();
  await expect(second(page)).toHaveCount(0);

  // A chunk that the host no longer has, and that this page has not loaded yet.
  const dropped = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['not a picture'], 'picture.png', { type: 'image/png' }));
    return transfer;
  });
  await page.dispatchEvent('body', 'drop', { dataTransfer: dropped });
  await expect(page.getByText('That file is not a PNG, JPEG or WebP that can be read.')).toBeVisible();

  const kept = await studio.kept();
  await update.click();
  await expect(second(page)).toHaveCount(1);
  await expect(studio.generateButton).toBeEnabled();
  await expect(offer).toHaveCount(0);
  expect(await studio.kept()).toEqual(kept);
  await expect(studio.alert).toHaveCount(0);
  expect(host.asked.filter((name) => name.endsWith('.wasm')).length, 'the runtime came once').toBe(1);
  await studio.field('Steps').fill('2');
  await studio.field('Pictures').fill('1');
  await studio.makePicture('a rocket');
});

test('a tab that stays behind keeps its version and its lazy chunks', async ({
  studio,
  page,
  host,
  context,
  network,
}) => {
  await studio.open();
  await network.untilReady();
  const other = await context.newPage();
  await other.goto('/');
  await expect(other.getByRole('button', { name: 'Generate', exact: true })).toBeEnabled();
  publish(host);
  await lookForUpdate(other);
  await other.getByRole('button', { name: 'Update', exact: true }).click();
  await expect(second(other)).toHaveCount(1);

  await expect(second(page)).toHaveCount(0);
  const chunk = [...host.gone].find((name) => name.includes('recall')) ?? '';
  const status = await page.evaluate(async (name) => (await fetch(`/${name}`)).status, chunk);
  expect(status).toBe(200);
  await studio.makePicture('a red apple');
  await page.getByRole('button', { name: 'Update', exact: true }).click();
  await expect(second(page)).toHaveCount(1);
  await expect.poll(() => studio.pictureCount()).toBe(1);
});
