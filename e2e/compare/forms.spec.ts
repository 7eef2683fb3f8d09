/** 8-bit weights against full ones: a model whose second form is installed beside the first. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { LibraryPage } from '../studio/library-page.ts';
import { eightBitCopy } from './eight-bit.ts';

test.use({ baseURL: WITH_TINY });

test('the question of 8-bit weights says what it lacks, and once both forms are here it is put to the vote', async ({
  studio,
  page,
}, testInfo) => {
  test.setTimeout(180_000);
  await studio.open('Tiny plain');
  await openBlind(page);
  const question = page.getByRole('button', { name: '8-bit or full weights' });
  await expect(question).toHaveAttribute('aria-disabled', 'true');
  await expect(question).toHaveAccessibleDescription(
    'Tiny plain is here in its fp32 form only. Install another form of it under Models.',
  );
  await page.keyboard.press('Escape');

  const library = new LibraryPage(page);
  await library.open();
  await library.lookAtFolder(eightBitCopy('tiny-plain', testInfo.outputPath('eight-bit')));
  await library.install();
  // Each card says which form it is, now that there are two.
  for (const form of ['fp32', 'q8']) await expect(library.card(`Tiny plain, ${form}`)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(studio.field('Model').getByRole('option', { name: /^Tiny plain/ })).toHaveText([
    'Tiny plain, fp32',
    'Tiny plain, q8',
  ]);

  await openBlind(page);
  await expect(question).not.toHaveAttribute('aria-disabled', 'true');
  await question.click();
  await expect(page.getByLabel('A', { exact: true }).locator('option:checked')).toHaveText('Tiny plain, q8');
  await expect(page.getByLabel('B', { exact: true }).locator('option:checked')).toHaveText(
    'Tiny plain, fp32',
  );
  await page.getByLabel('Prompts, one a line').fill('a red apple');
  await page.getByLabel('Seeds').fill('5');
  await page.getByRole('button', { name: 'Begin the test' }).click();
  await expect(page.getByText('Pair 1 of 1')).toBeVisible({ timeout: 60_000 });
  // The same picture, but for what eight bits lose.
  const { most, mean } = await difference(page);
  expect(most).toBeGreaterThan(0);
  expect(mean).toBeLessThan(8);

  await page.keyboard.press('ArrowUp');
  const result = page.getByRole('region', { name: 'Result' });
  await expect(result).toContainText('Tiny plain, q8');
  const exporting = page.waitForEvent('download');
  await result.getByRole('button', { name: 'Everything (JSON)' }).click();
  const told = JSON.parse(readFileSync(await (await exporting).path(), 'utf8'));
  expect(told.pairs[0].requests).toMatchObject({
    a: { modelId: 'tiny-plain.q8', seed: 5 },
    b: { modelId: 'tiny-plain', seed: 5 },
  });
});

async function openBlind(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Blind A/B test' }).click();
  await expect(page.getByRole('heading', { name: 'Blind A/B test' })).toBeFocused();
}

/** How far the colours of the two pictures in view are apart, of 255. */
function difference(page: Page): Promise<{ most: number; mean: number }> {
  return page.getByRole('region', { name: 'Vote' }).evaluate(async (region) => {
    const pixels = [...region.querySelectorAll('img')].map(async (img) => {
      await img.decode();
      const context = new OffscreenCanvas(img.naturalWidth, img.naturalHeight).getContext('2d')!;
      context.drawImage(img, 0, 0);
      return context.getImageData(0, 0, img.naturalWidth, img.naturalHeight).data;
    });
    const [left, right] = await Promise.all(pixels);
    const apart = Array.from(left!, (value, k) => Math.abs(value - right![k]!));
    return { most: Math.max(...apart), mean: apart.reduce((sum, one) => sum + one, 0) / apart.length };
  });
}
