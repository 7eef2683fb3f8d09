/** The gallery by the keyboard alone, from foreign files to a zip; and files that are out to do harm. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { insertTexts } from '../../src/core/metadata/png-text.ts';
import { readChunks, writeChunks } from '../../src/core/metadata/png.ts';
import { tinyPng } from '../../src/core/metadata/tiny-png.test-data.ts';
import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { expectAccessible } from '../accessible.ts';

test.use({ baseURL: WITH_TINY });

function png(name: string, parameters: string | null) {
  const texts = parameters === null ? [] : [{ keyword: 'parameters', text: parameters }];
  const made = insertTexts(tinyPng(), texts);
  if (!made.ok) throw new Error(made.reason);
  return { name, mimeType: 'image/png', buffer: Buffer.from(made.value) };
}

function infotext(prompt: string, seed: number): string {
  return `${prompt}\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: ${seed}, Size: 512x512, Model: foreign-v2`;
}

/** A header that promises more than any device has, and nothing behind it. */
function bomb(widthPx: number, heightPx: number): Buffer {
  const read = readChunks(tinyPng());
  if (!read.ok) throw new Error(read.reason);
  const [header, ...rest] = read.value;
  const data = Buffer.from(header?.data ?? []);
  data.writeUInt32BE(widthPx, 0);
  data.writeUInt32BE(heightPx, 4);
  return Buffer.from(writeChunks([{ type: 'IHDR', data: Uint8Array.from(data) }, ...rest]));
}

function file(name: string, buffer: Buffer) {
  return { name, mimeType: 'image/png', buffer };
}

async function importFiles(page: Page, files: { name: string; mimeType: string; buffer: Buffer }[]) {
  await page.getByLabel('Pictures to import').setInputFiles(files);
}

test('import, search, star, board, zip, delete and undo, by keyboard', async ({ studio, page }) => {
  test.setTimeout(180_000);
  // A dialog of the system cannot be answered here: the browser falls back to its downloads.
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
  await studio.open('Tiny plain');
  await studio.makePicture('own picture');
  await page.getByRole('button', { name: 'Gallery', exact: true }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Gallery' })).toBeFocused();
  const list = page.getByRole('listbox', { name: 'Pictures' });
  const tiles = list.getByRole('option');
  await expect(tiles).toHaveCount(1);

  const red = png('red.png', infotext('a red fox', 7));
  await importFiles(page, [
    red,
    png('blue.png', infotext('a blue boat', 8)),
    png('bare.png', null),
    { ...red, name: 'again.png' },
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') },
  ]);
  const report = page.locator('output').filter({ hasText: 'imported.' });
  await expect(report).toContainText('3 pictures imported. 2 files were left out.');
  await expect(report).toContainText('Is in the gallery already. again.png');
  await expect(report).toContainText('notes.txt');
  await expect(tiles).toHaveCount(4);
  await expectAccessible(page, 'gallery');

  const search = page.getByRole('searchbox', { name: 'Search pictures' });
  await search.focus();
  await page.keyboard.type('FOX');
  await expect(tiles).toHaveText(['']);
  await expect(tiles).toHaveAccessibleName('a red fox, seed 7, imported');
  await search.fill('8');
  await expect(tiles).toHaveAccessibleName('a blue boat, seed 8, imported');
  await search.fill('');
  await expect(tiles).toHaveCount(4);

  // The whole is chosen, then all but the first are starred off again.
  await list.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('s');
  await expect(tiles.first()).toHaveAccessibleName(/starred/);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(list.getByRole('option', { selected: true })).toHaveCount(2);
  const bar = page.getByRole('region', { name: 'Selected pictures' });
  await bar.getByRole('button', { name: 'Board' }).press('Enter');
  await page.getByRole('menuitem', { name: 'New board…' }).press('Enter');
  await page.keyboard.type('Moods');
  await page.keyboard.press('Enter');
  const boards = page.getByRole('region', { name: 'Boards' });
  await expect(boards.getByRole('button', { name: 'Moods 2' })).toBeVisible();
  await expectAccessible(page, 'gallery with a selection');

  await bar.getByRole('button', { name: 'Export' }).press('Enter');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Zip of the files as they are' }).press('Enter'),
  ]);
  expect(download.suggestedFilename()).toBe('kiln-2-pictures.zip');
  const zip = readFileSync(await download.path()).toString('latin1');
  expect(zip.split('PK\u0001\u0002')).toHaveLength(4);
  expect(zip).toContain('pictures.json');
  expect(zip).toContain('"Moods"');
  expect(zip).toContain('Sampler: Euler a');

  await list.focus();
  await page.keyboard.press('Delete');
  await expect(tiles).toHaveCount(2);
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(tiles).toHaveCount(4);
  await expect(boards.getByRole('button', { name: 'Moods 2' })).toBeVisible();

  // All of it is on the disk; a board goes without its pictures.
  await page.reload();
  await page.getByRole('button', { name: 'Gallery', exact: true }).press('Enter');
  await page.getByRole('button', { name: 'Starred' }).press('Enter');
  await expect(tiles).toHaveCount(1);
  await page.getByRole('button', { name: 'Starred' }).press('Enter');
  await boards.getByRole('button', { name: 'Moods 2' }).press('Enter');
  await expect(tiles).toHaveCount(2);
  await boards.getByRole('button', { name: 'Delete board Moods, keeping its pictures' }).press('Enter');
  await expect(tiles).toHaveCount(4);

  // A foreign picture on the stage shows what it says of itself.
  await search.fill('fox');
  await list.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('list', { name: 'Settings of this picture' })).toContainText('From red.png');
  await expect(page.getByRole('list', { name: 'Settings of this picture' })).toContainText('Seed 7');
});

test('F28, F29: bombs, lies and hostile words cost one line of the report', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  await page.getByRole('button', { name: 'Gallery', exact: true }).click();
  const hostile = `<img src=x onerror="pwn=1"> javascript:pwn=1 \u202Egnp`;
  await importFiles(page, [
    file('wide.png', bomb(23_000, 23_000)),
    file('side.png', bomb(65_000, 1)),
    file('cut.png', Buffer.from(tinyPng()).subarray(0, 40)),
    file('vector.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>pwn=1</script></svg>')),
    png('long.png', `${'a'.repeat(1_000_000)}\nSteps: 4, Sampler: Euler a, Seed: 1`),
    png(
      'hostile.png',
      `${hostile}\nSteps: 1000000000, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 99999x1`,
    ),
  ]);
  const report = page.locator('output').filter({ hasText: 'imported.' });
  await expect(report).toContainText('2 pictures imported. 4 files were left out.');
  for (const name of ['wide.png', 'side.png', 'cut.png', 'vector.png'])
    await expect(report).toContainText(name);
  const list = page.getByRole('listbox', { name: 'Pictures' });
  await expect(list.getByRole('option')).toHaveCount(2);
  await list.getByRole('option', { name: /onerror/ }).click();
  await expect(page.getByRole('article', { name: 'Picture' })).toContainText('<img src=x onerror=');
  expect(await page.evaluate(() => 'pwn' in globalThis)).toBe(false);
  await page.getByRole('button', { name: 'Gallery', exact: true }).click();
  await expect(list.getByRole('option')).toHaveCount(2);
});

test('pictures that an earlier version kept are all here, with their thumbnails', async ({
  studio,
  page,
  watch,
}) => {
  // A page that is no page of ours has no icon.
  watch.allow(/favicon\.ico/);
  // A page of the same address that leaves the database alone.
  await page.goto('/models/index.json');
  await page.evaluate(writeVersion1, [...tinyPng()]);
  await studio.open('Tiny plain');
  await expect.poll(() => studio.pictureCount()).toBe(3);
  await page.getByRole('button', { name: 'Gallery', exact: true }).click();
  const tiles = page.getByRole('listbox', { name: 'Pictures' }).getByRole('option');
  await expect(tiles).toHaveCount(3);
  for (const tile of await tiles.all()) {
    const width = () => tile.locator('img').evaluate((img: HTMLImageElement) => img.naturalWidth);
    await expect.poll(width).toBe(1);
  }
  await tiles.last().click();
  await studio.expectPicture('old 0');
});

/** The gallery's database as its first version wrote it: each card holds its thumbnail. */
async function writeVersion1(bytes: number[]): Promise<void> {
  const picture = new Blob([Uint8Array.from(bytes)], { type: 'image/png' });
  const opening = indexedDB.open('kiln-gallery', 1);
  opening.addEventListener('upgradeneeded', () => {
    const cards = opening.result.createObjectStore('cards', { keyPath: 'id' });
    cards.createIndex('createdAt', 'createdAt');
    opening.result.createObjectStore('pngs');
  });
  await new Promise((done) => {
    opening.addEventListener('success', done);
  });
  const transaction = opening.result.transaction(['cards', 'pngs'], 'readwrite');
  for (let k = 0; k < 3; k++) {
    const size = { widthPx: 1, heightPx: 1 };
    const request = {
      modelId: 'tiny-plain',
      prompt: `old ${k}`,
      negativePrompt: '',
      seed: k,
      steps: 1,
      ...size,
    };
    const card = { id: `old-${k}`, number: k + 1, createdAt: 1000 + k, seed: k, request, parameters: '' };
    const rest = { elapsedMs: 1, device: 'cpu', thumbnail: picture, ...size };
    transaction.objectStore('cards').put({ ...card, ...rest });
    transaction.objectStore('pngs').put(picture, card.id);
  }
  await new Promise((done) => {
    transaction.addEventListener('complete', done);
  });
  opening.result.close();
}
