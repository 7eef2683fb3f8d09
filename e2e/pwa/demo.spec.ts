/** The stand at a fair: big, calm, forgetful. */
import type { Page } from '@playwright/test';
import { expect, test } from './hosted.ts';
import { expectAccessible } from '../accessible.ts';

test.use({ serviceWorkers: 'block', viewport: { width: 1600, height: 900 } });

function prompts(page: Page) {
  return page.getByRole('list', { name: 'Prompts' }).getByRole('button');
}

/** What the browser has kept of a visit: records in any database, and settings. The empty tables of the library, and its
 * empty list of what is installed, say nothing of anybody; neither does the setting that every test starts with. */
function kept(page: Page): Promise<{ records: string[]; settings: string[] }> {
  return page.evaluate(async () => {
    const records: string[] = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(name ?? '');
        opening.addEventListener('success', () => resolve(opening.result));
        opening.addEventListener('error', () => reject(new Error(`${name} does not open: ${opening.error}`)));
      });
      for (const table of database.objectStoreNames) {
        const counting = database.transaction(table).objectStore(table).count();
        await new Promise((resolve) => counting.addEventListener('success', resolve));
        if (counting.result > 0) records.push(`${name} ${table}`);
      }
      database.close();
    }
    const settings = Object.entries(localStorage).filter(
      ([name, value]) => value !== '[]' && !(name === 'kiln.reading' && value === '{"isAutomatic":false}'),
    );
    return { records, settings: settings.map(([name]) => name) };
  });
}

async function drawOne(page: Page): Promise<string> {
  const button = prompts(page).first();
  await expect(button).toBeEnabled();
  const prompt = (await button.textContent()) ?? '';
  await button.click();
  const picture = page.getByRole('main').getByRole('img', { name: prompt, exact: true });
  await expect(picture).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  return prompt;
}

test('a visitor draws, and after a minute alone the stand is as before, with nothing kept', async ({
  page,
}) => {
  await page.clock.install();
  await page.goto('/?demo');
  await expect(page.getByRole('heading', { name: 'What shall it draw?' })).toBeVisible();
  await expect(page.getByText(/^Starts over in/)).toHaveCount(0);
  const prompt = await drawOne(page);

  const countdown = page.getByText(/^Starts over in \d+ s/);
  await page.mouse.move(20, 20);
  await page.clock.fastForward(30_000);
  await expect(countdown).toContainText(/in (29|30) s/);
  // Somebody is still there.
  await page.mouse.move(30, 30);
  await expect(countdown).toContainText(/in (59|60) s/);
  await page.clock.fastForward(45_000);
  await expect(page.getByRole('status').filter({ hasText: 'starts over in 20 seconds' })).toHaveCount(1);
  await page.clock.fastForward(20_000);
  await expect(page.getByRole('main').getByRole('img', { name: prompt })).toHaveCount(0);
  await expect(page.getByText(/^Touch a prompt/)).toBeVisible();
  await expect(countdown).toHaveCount(0);
  expect(await kept(page)).toEqual({ records: [], settings: [] });
});

test('it takes the next visitor at once, and leaves by a clear control to a studio that knows of nothing', async ({
  page,
  studio,
}) => {
  await page.goto('/?demo');
  await drawOne(page);
  await page.getByRole('button', { name: 'Start over' }).click();
  await expect(page.getByText(/^Touch a prompt/)).toBeVisible();
  await drawOne(page);
  await page.getByRole('link', { name: 'Leave the demo' }).click();
  await expect(studio.generateButton).toBeEnabled();
  expect(new URL(page.url()).search).toBe('');
  expect(await studio.pictureCount()).toBe(0);
  await expect(studio.prompt).toHaveValue('');
});

test('it touches nothing of what the studio has kept', async ({ page, studio }) => {
  await studio.open();
  await studio.makePicture('a red apple');
  const before = await studio.kept();
  await page.goto('/?demo');
  await drawOne(page);
  await page.goto('/');
  await expect(studio.generateButton).toBeEnabled();
  await expect.poll(() => studio.pictureCount()).toBe(1);
  expect(await studio.kept()).toEqual(before);
});

test('the prompts change by themselves, until someone stops them', async ({ page }) => {
  await page.clock.install();
  await page.goto('/?demo');
  // Somebody who asked for little motion begins it.
  await expect(page.getByRole('button', { name: 'Let the prompts change' })).toBeVisible();
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await page.reload();
  await expect(prompts(page)).toHaveCount(6);
  const shown = () => prompts(page).allTextContents();
  const first = await shown();
  await page.clock.fastForward(13_000);
  await expect.poll(shown).not.toEqual(first);
  await page.getByRole('button', { name: 'Stop the prompts changing' }).click();
  const second = await shown();
  await page.clock.fastForward(60_000);
  expect(await shown()).toEqual(second);
  await page.getByRole('button', { name: 'Other prompts' }).click();
  await expect.poll(shown).not.toEqual(second);
});

test('the stand has no accessibility fault at any width', async ({ page }) => {
  await page.goto('/?demo');
  await drawOne(page);
  for (const width of [390, 1024, 1600]) {
    await page.setViewportSize({ width, height: 900 });
    await expectAccessible(page, `${width} pixels`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  }
});
