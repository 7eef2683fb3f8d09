import { readFile } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { readPictureFile } from '../../src/core/metadata/picture-file.ts';
import { expectAccessible } from '../accessible.ts';
import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';

test.use({ baseURL: WITH_TINY });

async function* inflate(compressed: Uint8Array) {
  yield inflateSync(compressed);
}

/** What the saved file says, read back. */
async function save(page: Page) {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save file' }).press('Enter'),
  ]);
  const file = new Uint8Array(await readFile(await download.path()));
  const read = await readPictureFile(file, inflate);
  if (!read.ok) throw new Error(read.reason);
  const texts = Object.fromEntries(read.value.entries.map(({ keyword, text }) => [keyword, text]));
  const isMarked = Buffer.from(file).includes('digitalsourcetype/trainedAlgorithmicMedia');
  return { ...read.value, texts, isMarked, name: download.suggestedFilename() };
}

test('each format keeps what was asked for, and says nothing else', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  await studio.makePicture('a red fox');
  await page.keyboard.press('ControlOrMeta+Shift+s');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('heading', { name: 'Export picture' })).toBeVisible();
  await expectAccessible(page, 'export');
  await dialog.getByRole('textbox', { name: 'File name' }).fill('[prompt_words]-[width]');
  for (const [label, kind] of [
    ['PNG', 'png'],
    ['JPEG', 'jpeg'],
    ['WebP', 'webp'],
  ] as const) {
    await dialog.getByRole('radio', { name: label }).check();
    await dialog.getByRole('radio', { name: 'All settings' }).check();
    const whole = await save(page);
    expect(whole).toMatchObject({ kind, isMarked: true });
    expect(whole.name).toBe(`a_red_fox-${whole.widthPx}.${kind === 'jpeg' ? 'jpg' : kind}`);
    expect(whole.texts['parameters']).toContain('a red fox\nSteps: ');
    expect(JSON.parse(whole.texts['kiln']!)).toMatchObject({ request: { prompt: 'a red fox' } });
    await dialog.getByRole('radio', { name: 'AI mark' }).check();
    const marked = await save(page);
    expect(marked.isMarked).toBe(true);
    expect(marked.texts['parameters']).toBeUndefined();
    await dialog.getByRole('radio', { name: 'Nothing' }).check();
    const bare = await save(page);
    expect([bare.isMarked, bare.entries]).toEqual([false, []]);
  }
  await dialog.getByRole('radio', { name: '200 %' }).check();
  const doubled = await save(page);
  await dialog.getByRole('radio', { name: '100 %' }).check();
  expect(doubled.widthPx).toBe(2 * (await save(page)).widthPx);
});
