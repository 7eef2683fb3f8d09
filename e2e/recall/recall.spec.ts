/** Recall and compare as one journey: what a picture says, what of it is taken, and two pictures for the eye. */
import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { jpeg, join, latin1, tiff, utf16 } from '../../src/core/metadata/picture-file.test-data.ts';
import { expectAccessible } from '../accessible.ts';
import { expect, test } from '../fixtures.ts';

const FOREIGN =
  'a blue cat <lora:ink:0.8>\nNegative prompt: dog\nSteps: 3, Sampler: Euler, CFG scale: 2, Seed: 77, Size: 512x768, ' +
  'Model hash: 45dee52b11, Model: dreamshaper_8, Clip skip: 2, Version: v1.10.1';

// One journey over several pages, on machines that are slow.
test.setTimeout(240_000);

test('a picture gives back all or some of its settings, and two are compared', async ({ studio, page }) => {
  await studio.open();
  await studio.field('Steps').fill('2');
  await studio.makePicture('a red apple');
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  const png = readFileSync(await (await downloading).path());
  await studio.makePicture('a blue cat');

  await studio.field('Steps').fill('1');
  await drop(page, 'apple.png', 'image/png', png);
  const dialog = page.getByRole('dialog', { name: 'A picture of Kiln' });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole('img', { name: 'a red apple' })).toBeVisible();
  await expectAccessible(page, 'recall');
  await dialog.getByRole('button', { name: 'None' }).click();
  await expect(dialog.getByRole('button', { name: 'Use settings' })).toBeDisabled();
  await dialog.getByRole('checkbox', { name: 'Prompt', exact: true }).check();
  await dialog.getByRole('button', { name: 'Use settings' }).click();
  await expect(studio.prompt).toHaveValue('a red apple');
  await expect(studio.field('Steps')).toHaveValue('1');

  const comment = join(latin1('UNICODE\0'), utf16(FOREIGN, false));
  const file = Buffer.from(jpeg({ exif: tiff(false, [], [{ tag: 0x9286, bytes: comment }]) }));
  await drop(page, 'cat.jpg', 'image/jpeg', file);
  const foreign = page.getByRole('dialog', { name: 'A picture of AUTOMATIC1111' });
  await expect(foreign.getByRole('checkbox', { name: 'Model' })).toBeDisabled();
  await expect(foreign.getByRole('checkbox', { name: 'Size' })).toBeDisabled();
  await expect(foreign.getByRole('checkbox', { name: 'LoRA ink, weight 0.8' })).toBeChecked();
  await page.keyboard.press('Enter');
  await expect(studio.prompt).toHaveValue('a blue cat <lora:ink:0.8>');
  await expect(studio.field('Seed')).toHaveValue('77');
  await expect(studio.field('Steps')).toHaveValue('3');

  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Compare with…' }).click();
  await page.getByRole('button', { name: 'Choose pictures' }).click();
  await page.getByRole('button', { name: /^a red apple, seed/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Compare' }).click();
  const line = page.getByRole('slider', { name: 'Dividing line' });
  await line.focus();
  await page.keyboard.press('End');
  await expect(line).toHaveAttribute('aria-valuenow', '100');
  const table = page.getByRole('region', { name: 'Table of settings' });
  await expect(table.getByRole('rowheader')).toHaveText(['Prompt', 'Seed']);
  await expectAccessible(page, 'slider');
  await page.getByText('Side by side', { exact: true }).click();
  await page.getByRole('group', { name: /^Picture 2/ }).focus();
  await page.keyboard.press('+');
  await expect(page.getByText('150 %')).toBeVisible();
  await page.getByText('Blink', { exact: true }).click();
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await page.getByText('Difference', { exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: 'of the pixels differ visibly' })).toBeVisible();
  await expectAccessible(page, 'difference');
  await page.getByRole('button', { name: 'Back to the studio' }).click();
  await expect(studio.generateButton).toBeVisible();
});

async function drop(page: Page, name: string, type: string, bytes: Buffer): Promise<void> {
  const data = await page.evaluateHandle(
    ({ name: file, type: kind, base64 }) => {
      const transfer = new DataTransfer();
      const content = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      transfer.items.add(new File([content], file, { type: kind }));
      return transfer;
    },
    { name, type, base64: bytes.toString('base64') },
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
}
