/** A tab that dies in the middle of a run: what it finished is there, and the rest is offered. */
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page } from '@playwright/test';
import { WITH_TINY } from '../addresses.ts';
import { crashTab } from '../faults.ts';
import { expect, test } from '../fixtures.ts';
import { Studio } from '../studio.ts';

test.use({ baseURL: WITH_TINY });

const CARD = { name: 'Interrupted run' };

/** Starts pictures of fifty steps each, and waits for the first. */
async function startSheet(studio: Studio, count = 4): Promise<void> {
  await studio.open('Tiny Stable Diffusion');
  await studio.field('Steps').fill('50');
  await studio.field('Seed').fill('10');
  await studio.field('Pictures').fill(String(count));
  await studio.prompt.fill('a red apple');
  await studio.generateButton.click();
  await expect.poll(() => studio.pictureCount(), { timeout: 60_000, intervals: [100] }).toBeGreaterThan(0);
}

async function openAnother(context: BrowserContext): Promise<Studio> {
  const page = await context.newPage();
  page.on('pageerror', (error) => expect.soft(error.message, 'unhandled').toBe(''));
  const studio = new Studio(page);
  await page.goto('/');
  await expect(studio.generateButton).toBeEnabled();
  return studio;
}

function seeds(page: Page): Promise<string[]> {
  return page
    .getByRole('listbox', { name: 'Gallery' })
    .getByRole('option', { name: /, seed \d+$/ })
    .evaluateAll((options) => options.map((option) => option.ariaLabel?.match(/\d+$/)?.[0] ?? '').toSorted());
}

test('a tab that dies in mid-run leaves its pictures, and the rest is made on request', async ({
  studio,
  page,
  context,
}) => {
  await startSheet(studio);
  await crashTab(page);

  const next = await openAnother(context);
  const card = next.page.getByRole('region', CARD);
  // The browser lets go of the dead tab's lock when it gets to it.
  await expect(card).toContainText(/The last run was interrupted after [1-3] of 4 pictures\./, {
    timeout: 30_000,
  });
  await expect(card).toContainText('a red apple');
  const finished = Number((await card.textContent())?.match(/after (\d)/)?.[1]);
  expect(await next.pictureCount()).toBe(finished);
  await expect(next.prompt).toHaveValue('a red apple');

  await card.getByRole('button', { name: 'Run the rest' }).click();
  await expect(next.cancelButton).toBeVisible();
  await expect(card).toHaveCount(0);
  await expect.poll(() => next.pictureCount(), { timeout: 60_000 }).toBe(4);
  await expect(next.generateButton).toBeVisible();
  expect(await seeds(next.page)).toEqual(['10', '11', '12', '13']);

  await next.page.reload();
  await expect(next.generateButton).toBeEnabled();
  await expect.poll(() => next.pictureCount()).toBe(4);
  await expect(card).toHaveCount(0);
});

test('a run that lives in another tab is not offered; one that was left is, and can be dismissed', async ({
  studio,
  page,
  context,
}) => {
  // Longer than any machine takes to open the other tab.
  await startSheet(studio, 16);
  const other = await openAnother(context);
  const card = other.page.getByRole('region', CARD);
  // Time enough for a wrong offer to come.
  await other.page.waitForTimeout(1_500);
  await expect(studio.cancelButton).toBeVisible();
  await expect(card).toHaveCount(0);

  await page.close();
  await other.page.reload();
  await expect(card).toBeVisible();
  const { violations } = await new AxeBuilder({ page: other.page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await card.getByRole('button', { name: 'Dismiss' }).click();
  await expect(card).toHaveCount(0);
  await other.page.reload();
  await expect(other.generateButton).toBeEnabled();
  await other.page.waitForTimeout(1_500);
  await expect(card).toHaveCount(0);
});

test('a run that was cancelled is over', async ({ studio, page }) => {
  await startSheet(studio);
  await page.keyboard.press('Escape');
  await expect(studio.generateButton).toBeVisible();
  await page.reload();
  await expect(studio.generateButton).toBeEnabled();
  await page.waitForTimeout(1_500);
  await expect(page.getByRole('region', CARD)).toHaveCount(0);
});
