/** Kits as a person meets them, from an adapter's file to a sheet of many. Their rules are proven in unit tests. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { adapterFile } from '../lora-goldens.ts';
import { shownPixels, type Studio } from '../studio.ts';
import { expectAccessible } from '../accessible.ts';

const MODEL = 'Tiny Stable Diffusion';
const PROMPT = 'a red apple';

test.use({ baseURL: WITH_TINY });

const brandFile = adapterFile('tiny-sd-peft');
const BRAND = {
  id: 'flat',
  name: 'Flat',
  file: 'flat.safetensors',
  sha256: createHash('sha256').update(brandFile).digest('hex'),
  sizeBytes: brandFile.byteLength,
  base: 'tiny-sd',
  colour: '#0369a1',
  trigger: 'flat style',
  credit: 'Nobody',
  licence: 'CC0-1.0',
};

/** Serves one brand that fits the tiny model and one that does not. */
async function serveBrands(page: Page): Promise<void> {
  const adapters = [BRAND, { ...BRAND, id: 'line', name: 'Line', base: 'another-family' }];
  await page.route('**/adapters/index.json', (route) => route.fulfill({ json: { adapters } }));
  await page.route('**/adapters/flat.safetensors', (route) =>
    route.fulfill({ body: Buffer.from(brandFile), contentType: 'application/octet-stream' }),
  );
}

async function open(studio: Studio): Promise<void> {
  await studio.open(MODEL);
  await studio.field('Steps').fill('2');
  const lock = studio.page.getByRole('button', { name: 'Lock seed' });
  if ((await lock.getAttribute('aria-pressed')) !== 'true') await lock.click();
}

function kitChoice(page: Page, name: string): Locator {
  return page.getByRole('radiogroup', { name: 'Kit' }).getByRole('radio', { name, exact: true });
}

test('from an adapter to a kit, a redrawn picture, a file and back, a matrix of three', async ({
  studio,
  page,
}) => {
  await serveBrands(page);
  await open(studio);
  await expect(kitChoice(page, 'Line')).toBeDisabled();
  await studio.makePicture(PROMPT);
  const plain = await shownPixels(studio, PROMPT);

  await page.getByLabel('Adapter files').setInputFiles({
    name: 'style.safetensors',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(adapterFile('tiny-sd-kohya')),
  });
  await expect(page.getByRole('switch', { name: 'style', exact: true })).toBeChecked();
  await page.getByRole('button', { name: 'New kit', exact: true }).click();
  await page.getByLabel('Name', { exact: true }).fill('Acme');
  await page.getByLabel('Around the prompt').fill('acme poster of {prompt}');
  await expect(page.getByText(`Sent: acme poster of ${PROMPT}`)).toBeVisible();
  await page.getByRole('button', { name: 'Back to the studio' }).click();

  await expect(kitChoice(page, 'Acme')).toBeChecked();
  await expect(page.getByRole('switch', { name: 'style', exact: true })).not.toBeChecked();
  await page.getByRole('button', { name: 'Redraw in Acme' }).click();
  const framed = `acme poster of ${PROMPT}`;
  await studio.expectPicture(framed);
  expect(await shownPixels(studio, framed)).not.toEqual(plain);
  await expect(page.getByRole('list', { name: 'Settings of this picture' })).toContainText('Kit Acme');
  await expect(studio.prompt).toHaveValue(PROMPT);

  await page.getByRole('button', { name: 'Use settings' }).click();
  await expect(studio.prompt).toHaveValue(PROMPT);
  await expect(kitChoice(page, 'Acme')).toBeChecked();
  await kitChoice(page, 'Acme').press('ArrowLeft');
  await expect(kitChoice(page, 'None')).toBeChecked();
  await kitChoice(page, 'None').press('Enter');
  await studio.expectPicture(PROMPT);
  expect(await shownPixels(studio, PROMPT)).toEqual(plain);

  await page.getByRole('button', { name: 'Kits and matrix' }).click();
  await page.getByRole('button', { name: /^Acme/ }).click();
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export Acme' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('acme.kilnkit');
  const buffer = readFileSync(await download.path());
  await page.getByRole('button', { name: 'Delete Acme' }).click();
  await expect(page.getByRole('region', { name: 'Your kits' })).toContainText('None yet');
  const input = page.getByLabel('File of kits');
  await input.setInputFiles({ name: 'acme.kilnkit', mimeType: '', buffer: buffer.subarray(0, -40) });
  await expect(studio.alert).toContainText('This archive cannot be imported');
  await input.setInputFiles({ name: 'acme.kilnkit', mimeType: '', buffer });
  await expect(page.getByRole('button', { name: /^Acme/ })).toBeVisible();

  await page.getByRole('radio', { name: 'Matrix' }).check();
  await page.getByRole('button', { name: 'Draw 3 pictures' }).click();
  const cells = page.getByRole('region', { name: 'Matrix' }).getByRole('button', { name: /^Open / });
  await expect(cells).toHaveCount(3, { timeout: 60_000 });
  await page.getByRole('button', { name: /^Open Flat/ }).click();
  await page.getByRole('button', { name: 'Keep in the gallery' }).click();
  await expect(page.getByRole('button', { name: 'In the gallery' })).toBeDisabled();
  await page.keyboard.press('Escape');
  const sheet = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export as one PNG' }).click();
  expect(readFileSync(await (await sheet).path()).toString('latin1')).toContain('Kits: No kit, Acme, Flat');
  const archive = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export all as ZIP' }).click();
  const zip = readFileSync(await (await archive).path()).toString('latin1');
  for (const part of ['kits.png', 'kits.json', '001 No kit, seed', '002 Acme, seed', 'Kit: Acme'])
    expect(zip).toContain(part);
  await page.getByRole('button', { name: 'Back to the studio' }).click();
  await expect.poll(() => studio.pictureCount()).toBe(4);
  await page.getByRole('button', { name: 'Kits and matrix' }).click();
  await page.getByRole('radio', { name: 'Matrix' }).check();
  await expect(cells).toHaveCount(3);
});

test('strip, editor and matrix have no accessibility fault', async ({ studio, page }) => {
  await serveBrands(page);
  await open(studio);
  await studio.prompt.fill(PROMPT);
  await kitChoice(page, 'Flat').check();
  await expect(page.getByText(`Sent: ${PROMPT}, flat style`)).toBeVisible();
  await expectAccessible(page, 'strip');
  await page.getByRole('button', { name: 'New kit', exact: true }).click();
  await expect(page.getByLabel('Weight of flat', { exact: true })).toHaveValue('1');
  await expectAccessible(page, 'editor');
  await page.getByRole('radio', { name: 'Matrix' }).check();
  await expectAccessible(page, 'matrix');
  await page.getByRole('button', { name: 'Back to the studio' }).click();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(kitChoice(page, 'Flat 2')).toBeChecked();
  await expectAccessible(page, 'sheet');
});
