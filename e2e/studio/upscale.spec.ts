import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { SHIPPED, WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { opaqueRgb, psnrDb } from '../pipeline-goldens.ts';
import { shownPixels } from '../studio.ts';

test.setTimeout(400_000);

const PROMPT = 'a red apple on a blue background';

test.describe('a picture of the model that ships', () => {
  test.use({ baseURL: SHIPPED });

  test('becomes twice as large and sharper, stays itself, and remembers its request', async ({
    studio,
    page,
  }) => {
    await studio.open();
    await studio.chooseDevice('CPU');
    await studio.field('Seed').fill('7');
    await studio.makePicture(PROMPT, 240_000);
    const before = await shownPixels(studio, PROMPT);
    expect(before.length).toBe(4 * 256 * 256);

    await page.getByRole('button', { name: 'Upscale 2×' }).click();
    await expect(page.getByText('Upscaled, 512 × 512')).toBeVisible({ timeout: 120_000 });
    await expect(page.getByText('Before, 256 × 256')).toBeVisible();
    await expect(page.getByRole('img', { name: `${PROMPT}, before upscaling` })).toBeVisible();
    await studio.expectPicture(PROMPT);
    await expect.poll(() => studio.pictureCount()).toBe(2);
    expect((await studio.announced()).join('\n')).toContain('Upscaled to 512 × 512.');

    const after = await shownPixels(studio, PROMPT);
    expect(after.length).toBe(4 * 512 * 512);
    expect(psnrDb(opaqueRgb(reduced(after, 512)), opaqueRgb(before))).toBeGreaterThan(30);
    const smooth = await enlargedByBrowser(page, before, 256);
    expect(edgeEnergy(after, 512) / edgeEnergy(smooth, 512)).toBeGreaterThan(1.1);

    const file = await downloaded(page);
    const text = file.toString('latin1');
    expect(text).toContain(`parameters\0${PROMPT}`);
    expect(text).toMatch(/Seed: 7, Size: 256x256, .*Hires upscale: 2, Hires upscaler: Kiln 2x, /);
    expect(text).toContain('trainedAlgorithmicMedia');

    // Its settings make the small one again: the request in it is the one that was drawn.
    await studio.field('Seed').fill('8');
    await page.getByRole('button', { name: 'Use settings' }).click();
    await expect(studio.field('Seed')).toHaveValue('7');
    await page.reload();
    await studio.expectPicture(PROMPT);
    expect((await shownPixels(studio, PROMPT)).length).toBe(4 * 512 * 512);
  });
});

test.describe('with a small model', () => {
  test.use({ baseURL: WITH_TINY });

  test('the keyboard upscales, and Esc stops it and keeps nothing', async ({ studio, page }) => {
    await studio.open('Tiny plain');
    await studio.makePicture('a red apple');
    const side = Math.sqrt((await shownPixels(studio, 'a red apple')).length / 4);
    await page.keyboard.press('ControlOrMeta+Shift+Enter');
    await expect(page.getByText(`Upscaled, ${2 * side} × ${2 * side}`)).toBeVisible({ timeout: 60_000 });
    await expect.poll(() => studio.pictureCount()).toBe(2);

    // Large enough for several tiles: the same picture four times over.
    await page.keyboard.press('ControlOrMeta+Shift+Enter');
    await expect(page.getByText(`Upscaled, ${4 * side} × ${4 * side}`)).toBeVisible({ timeout: 60_000 });
    await page.keyboard.press('ControlOrMeta+Shift+Enter');
    await expect(page.getByRole('button', { name: 'Cancel upscaling' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'Upscale 2×' })).toBeVisible();
    expect(await studio.pictureCount()).toBe(3);
    await expect(studio.alert).toHaveCount(0);
  });

  test('waits with its reason while a run is under way', async ({ studio, page }) => {
    await studio.open('Tiny Stable Diffusion');
    await studio.field('Steps').fill('2');
    await studio.makePicture('a red apple');
    await studio.field('Steps').fill('50');
    await studio.generateButton.click();
    await expect(studio.cancelButton).toBeVisible();
    await studio.gallery.getByRole('option', { name: /^a red apple/ }).click();
    const button = page.getByRole('button', { name: 'Upscale 2×' });
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(button).toHaveAccessibleDescription('Waits until the run has ended.');
    await button.click();
    await expect(page.getByRole('button', { name: 'Cancel upscaling' })).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(button).toHaveAttribute('aria-disabled', 'false');
  });

  test('the setting enlarges every picture of a run, and outlives a reload', async ({ studio, page }) => {
    await studio.open('Tiny plain');
    await studio.makePicture('a red apple');
    const bytes = (await shownPixels(studio, 'a red apple')).length;
    await page.getByRole('radiogroup', { name: 'Upscale after making' }).getByText('2×').click();
    await page.reload();
    await expect(studio.generateButton).toBeEnabled();
    await studio.field('Pictures').fill('2');
    await studio.prompt.fill('a green apple');
    await studio.generateButton.click();
    await expect.poll(() => studio.pictureCount(), { timeout: 60_000 }).toBe(3);
    for (const picture of await studio.gallery.getByRole('option', { name: /^a green apple/ }).all()) {
      await picture.click();
      await studio.expectPicture('a green apple');
      await expect.poll(async () => (await shownPixels(studio, 'a green apple')).length).toBe(4 * bytes);
    }
  });

  test('a picture that is none, or too large, is said so in a sentence', async ({ studio, page }) => {
    await studio.open('Tiny plain');
    const outcomes = await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(2050, 4);
      canvas.getContext('2d')?.fillRect(0, 0, 1, 1);
      const wide = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
      const told = [];
      for (const bytes of [wide, new Uint8Array([1, 2, 3])]) {
        told.push(await globalThis.kiln?.upscale(bytes, { device: 'cpu' }));
      }
      return told;
    });
    expect(outcomes[0]).toMatchObject({
      outcome: 'failed',
      failure: { code: 'picture-too-large', widthPx: 2050, heightPx: 4, maxPx: 2048 },
    });
    expect(outcomes[1]).toMatchObject({ outcome: 'failed', failure: { code: 'picture-unreadable' } });
  });
});

async function downloaded(page: Page): Promise<Buffer> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  return readFileSync(await download.path());
}

/** Half the size by the mean of each 2 × 2 block. */
function reduced(rgba: number[], side: number): number[] {
  const half = side / 2;
  return Array.from({ length: 4 * half * half }, (_, i) => {
    const at = 4 * (2 * Math.floor(i / 4 / half) * side + 2 * ((i >> 2) % half)) + (i % 4);
    return (rgba[at]! + rgba[at + 4]! + rgba[at + 4 * side]! + rgba[at + 4 * side + 4]!) / 4;
  });
}

/** Twice the size by the browser's own smooth interpolation, which is bicubic or better. */
function enlargedByBrowser(page: Page, rgba: number[], side: number): Promise<number[]> {
  return page.evaluate(
    ([given, from]) => {
      const small = new OffscreenCanvas(from, from);
      small.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(given), from, from), 0, 0);
      const context = new OffscreenCanvas(2 * from, 2 * from).getContext('2d');
      if (context === null) throw new Error('no canvas');
      context.imageSmoothingQuality = 'high';
      context.drawImage(small, 0, 0, 2 * from, 2 * from);
      return [...context.getImageData(0, 0, 2 * from, 2 * from).data];
    },
    [rgba, side] as const,
  );
}

/** Mean squared difference of neighbours in a row. */
function edgeEnergy(rgba: number[], side: number): number {
  let sum = 0;
  for (let i = 0; i < rgba.length - 4; i++) {
    if (i % 4 !== 3 && (i >> 2) % side !== side - 1) sum += (rgba[i + 4]! - rgba[i]!) ** 2;
  }
  return sum / (3 * side * (side - 1));
}
