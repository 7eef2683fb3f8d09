/** The journey of a picture that is read: described, asked about, its alt text and fit, a folder of captions. */
import { readFileSync } from 'node:fs';
import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { jpegHead, plainPng, pngBomb } from '../picture-files.ts';

test.setTimeout(300_000);
test.use({ baseURL: WITH_TINY });

test('a picture is described, asked about and compared with its prompt; a folder gets captions', async ({
  studio,
  page,
  watch,
}) => {
  // The recorder of the test asks for the bytes of an image that could not be shown; the page does not.
  watch.allow(/Connecting to 'blob:/);
  await page.addInitScript(() => {
    localStorage.setItem('kiln.reading', JSON.stringify({ isAutomatic: true, modelId: 'tiny-blip' }));
  });
  await studio.open('Tiny plain');
  await studio.chooseDevice('CPU');
  await studio.makePicture('a red house');

  // In idle time: words that stand for it, and how well it fits.
  const facts = page.getByRole('article');
  await expect(facts.getByText('(automatic)')).toBeVisible({ timeout: 120_000 });
  await expect(facts.getByText(/Fits the prompt: \d+ %, similarity -?\d\.\d\d/)).toBeVisible({
    timeout: 60_000,
  });
  await facts.getByRole('button', { name: 'Edit alt text' }).click();
  await page.getByRole('textbox', { name: 'Alt text' }).fill('A small house in red.');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(facts.getByRole('img', { name: 'A small house in red.' })).toBeVisible();
  await expect(facts.getByText('(automatic)')).toHaveCount(0);

  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Describe and ask' }).click();
  const dialog = page.getByRole('dialog', { name: 'Describe and ask' });
  await expect(dialog.getByRole('button', { name: 'Use as prompt' })).toBeVisible({ timeout: 60_000 });
  await dialog.getByRole('textbox', { name: 'Question about the picture' }).fill('what is this?');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('listitem')).toHaveCount(2);
  await expect(dialog.getByText(/Tiny BLIP, .* on CPU/)).toHaveCount(2, { timeout: 60_000 });
  const words = await dialog.locator('p.text-base').first().innerText();
  await dialog.getByRole('button', { name: 'Use as prompt' }).click();
  await expect(dialog).toBeHidden();
  await expect(studio.prompt).toHaveValue(words);

  await page.getByRole('button', { name: 'Reading pictures' }).click();
  await page.getByRole('button', { name: 'Caption a folder' }).click();
  await page.getByLabel('Pictures to caption').setInputFiles([
    { name: 'one.png', mimeType: 'image/png', buffer: Buffer.from(plainPng(8, 8)) },
    { name: 'two.png', mimeType: 'image/png', buffer: Buffer.from(plainPng(8192, 1)) },
    { name: 'own.png', mimeType: 'image/png', buffer: Buffer.from(plainPng(1, 1)) },
    { name: 'own.txt', mimeType: 'text/plain', buffer: Buffer.from('what I wrote before\n') },
    { name: 'bomb.png', mimeType: 'image/png', buffer: Buffer.from(pngBomb(23_000)) },
    {
      name: 'svg.png',
      mimeType: 'image/png',
      buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    },
    { name: 'cut.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(jpegHead(40, 30)) },
  ]);
  await page.getByLabel('Trigger word').fill('sks');
  await page.getByRole('button', { name: 'Caption 3 pictures' }).click();
  const rows = page.getByRole('list', { name: 'Pictures and their captions' });
  await expect(page.getByRole('button', { name: 'Caption 0 pictures' })).toBeVisible({ timeout: 60_000 });
  await expect(rows.getByText('23000 × 23000')).toBeVisible();
  await expect(rows.getByText('The file is an SVG drawing.')).toBeVisible();
  await expect(rows.getByText('could not be opened as a picture')).toBeVisible();
  await expect(rows.getByLabel('Caption of own.png')).toHaveValue('what I wrote before');
  await expect(rows.getByLabel('Caption of two.png')).not.toHaveValue('');
  await rows.getByLabel('Caption of one.png').fill('a grey square');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as zip' }).click();
  const zip = readFileSync(await (await download).path()).toString('latin1');
  expect(zip).toContain('one.txt');
  expect(zip).toContain('sks, a grey square\n');
  expect(zip).toContain('sks, what I wrote before\n');
  expect(zip).not.toContain('bomb.txt');
  await expect(page.getByText('3 captions saved as captions.zip.')).toBeVisible();
});
