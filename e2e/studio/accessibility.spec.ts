import type { Page } from '@playwright/test';
import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { expectAccessible } from '../accessible.ts';

const WIDTHS = [360, 820, 1440];

test.use({ baseURL: WITH_TINY });

test('no state has an accessibility fault at any width', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  await expectAtEveryWidth(page, 'empty');
  await studio.makePicture('a red apple');
  await expectAtEveryWidth(page, 'with a picture');
  await studio.field('Model').selectOption({ label: 'Tiny nan' });
  await studio.generateButton.click();
  await expect(studio.alert).toBeVisible({ timeout: 60_000 });
  await expectAtEveryWidth(page, 'after a failure');
});

test('no overlay has one either', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  for (const name of [/^Device/, 'Theme']) {
    await page.getByRole('button', { name }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectAccessible(page, `popover ${name}`);
    await page.keyboard.press('Escape');
  }
  await page.setViewportSize({ width: 360, height: 800 });
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectAccessible(page, 'settings sheet');
});

test('nothing is cut off or scrolls sideways at 320 pixels', async ({ studio, page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto('/');
  await expect(studio.generateButton).toBeEnabled();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
});

async function expectAtEveryWidth(page: Page, state: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    await expectAccessible(page, `${state} at ${width} pixels`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}
