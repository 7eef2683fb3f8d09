/** Source pictures that nothing refers to any more go after a season; those that something refers to stay. */
import { createHash } from 'node:crypto';
import type { Page } from '@playwright/test';
import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { plainPng } from '../picture-files.ts';

test.use({ baseURL: WITH_TINY });

const SEASON_MS = 91 * 24 * 60 * 60 * 1000;
/** Later than the studio waits before it sweeps. */
const SWEPT_BY_MS = 60_000;

test('of five sources the sweep takes the one that no picture, job or form names', async ({
  studio,
  page,
  context,
  watch,
}) => {
  test.setTimeout(180_000);
  await studio.open('Tiny Stable Diffusion');
  const choose = async (sidePx: number) => {
    const remove = page.getByRole('button', { name: 'Remove the source picture' });
    if (await remove.isVisible()) await remove.click();
    const buffer = Buffer.from(plainPng(sidePx, sidePx));
    await page
      .getByLabel('Source picture file')
      .setInputFiles({ name: 'source.png', mimeType: 'image/png', buffer });
    await expect(page.getByText(`${sidePx} × ${sidePx}`, { exact: true })).toBeVisible();
    return createHash('sha256').update(buffer).digest('hex');
  };
  await studio.field('Steps').fill('2');
  const ofPicture = await choose(64);
  await studio.makePicture('a picture');
  const ofNobody = await choose(65);
  // A model whose network never comes: its job runs as long as the tab lives.
  await page.route('**/models/tiny-lcm/unet/**', () => {});
  await studio.field('Model').selectOption({ label: 'Tiny Latent Consistency' });
  const ofRunning = await choose(66);
  await studio.prompt.fill('a job that runs');
  await studio.generateButton.click();
  await expect(page.getByRole('button', { name: 'Add to queue' })).toBeVisible();
  const ofWaiting = await choose(67);
  await studio.prompt.fill('a job that waits');
  await page.getByRole('button', { name: 'Add to queue' }).click();
  await expect(page.getByRole('region', { name: 'Queue' })).toBeVisible();
  const ofForm = await choose(68);
  expect(await sources(page)).toEqual([ofPicture, ofNobody, ofRunning, ofWaiting, ofForm].toSorted());
  await page.close();

  // A season later, in a tab that is alone.
  const later = await context.newPage();
  await watch.also(later);
  await later.clock.install({ time: Date.now() + SEASON_MS });
  await later.goto('/');
  await expect(later.getByRole('region', { name: 'Interrupted run' })).toContainText('2 jobs', {
    timeout: 30_000,
  });
  await expect(later.getByText('68 × 68', { exact: true })).toBeVisible();
  expect(await sources(later)).toContain(ofNobody);
  await later.clock.fastForward(SWEPT_BY_MS);
  await expect.poll(() => sources(later)).not.toContain(ofNobody);
  expect(await sources(later)).toEqual([ofPicture, ofRunning, ofWaiting, ofForm].toSorted());
});

/** Hashes of all that the store of sources holds, its notes of use agreeing. */
async function sources(page: Page): Promise<string[]> {
  const { files, used } = await page.evaluate(async () => {
    const opening = indexedDB.open('kiln-inputs');
    await new Promise((resolve) => opening.addEventListener('success', resolve));
    const transaction = opening.result.transaction(['files', 'used']);
    const [named, noted] = ['files', 'used'].map((name) => transaction.objectStore(name).getAllKeys());
    await new Promise((resolve) => transaction.addEventListener('complete', resolve));
    opening.result.close();
    return { files: named!.result.map(String), used: noted!.result.map(String) };
  });
  expect(used).toEqual(files);
  return files;
}
