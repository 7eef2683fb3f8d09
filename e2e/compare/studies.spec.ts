/** A grid and a blind test as one journey, with the starter model: few pictures of one step. */
import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { expectAccessible } from '../accessible.ts';
import { expect, test } from '../fixtures.ts';

// One journey over several pages, on machines that are slow.
test.setTimeout(240_000);

test('a grid is drawn and taken away, and a blind test survives a reload', async ({ studio, page }) => {
  await studio.open();
  await studio.prompt.fill('a red apple');
  await goTo(page, 'X/Y/Z grid');
  await page.getByLabel('Columns (X): values').fill('1-2');
  await page.getByLabel('Rows (Y)', { exact: true }).selectOption('prompt');
  await page.getByLabel('Rows (Y): values').fill('pear');
  await expect(page.getByText('“pear” does not stand in the prompt.').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Draw the grid' })).toBeDisabled();
  await page.getByLabel('Rows (Y): values').fill('red, green');
  await expect(page.getByText('2 × 2 = 4 pictures')).toBeVisible();
  await expectAccessible(page, 'grid before');
  await page.getByRole('button', { name: 'Draw the grid' }).click();
  await expect(page.getByText('4 of 4 pictures').first()).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('rowheader')).toHaveText(['red', 'green']);
  await expectAccessible(page, 'grid');
  await page.getByRole('button', { name: 'Open Steps 2, green' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Keep', exact: true }).click();
  await expect(page.getByRole('dialog').getByRole('button', { name: 'In the gallery' })).toBeDisabled();
  await expectAccessible(page, 'a picture of the grid');
  await page.keyboard.press('Escape');
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Sheet as PNG' }).click();
  const sheet = readFileSync(await (await downloading).path()).toString('latin1');
  expect(sheet).toContain(
    'Script: X/Y/Z plot, X Type: Steps, X Values: "Steps 1, Steps 2", Y Type: Prompt S/R',
  );

  await goTo(page, 'Blind A/B test');
  await page.getByLabel('A', { exact: true }).fill('1');
  await page.getByLabel('B', { exact: true }).fill('2');
  await page.getByLabel('Prompts, one a line').fill('a red apple\na blue cat');
  await page.getByLabel('Seeds').fill('5');
  await expectAccessible(page, 'blind test before');
  await page.getByRole('button', { name: 'Begin the test' }).click();
  await expect(page.getByText('Pair 1 of 2')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/Steps [12]/)).toHaveCount(0);
  await expectAccessible(page, 'a pair');
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByText('Pair 2 of 2')).toBeVisible();

  await page.reload();
  await expect(studio.generateButton).toBeEnabled();
  expect(await studio.pictureCount(), 'only what was kept is in the gallery').toBe(1);
  await goTo(page, 'Blind A/B test');
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByText('Pair 2 of 2')).toBeVisible();
  await page.keyboard.press('ArrowUp');
  const result = page.getByRole('region', { name: 'Result' });
  await expect(result).toContainText('95 % interval');
  await expectAccessible(page, 'the result');
  const exporting = page.waitForEvent('download');
  await result.getByRole('button', { name: 'Everything (JSON)' }).click();
  const told = JSON.parse(readFileSync(await (await exporting).path(), 'utf8'));
  expect(told.tally).toMatchObject({ votes: 2, ties: 1 });
  expect(told.pairs.map(({ requests }: { requests: { a: { steps: number } } }) => requests.a.steps)).toEqual([
    1, 1,
  ]);
});

async function goTo(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await page.getByRole('menuitem', { name: title }).click();
  await expect(page.getByRole('heading', { name: title })).toBeVisible();
}
