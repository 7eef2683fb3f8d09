import { readFileSync } from 'node:fs';
import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';

test.use({ baseURL: WITH_TINY });

test('a prompt becomes a picture, and both are there after a reload', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  await studio.field('Steps').fill('3');
  await studio.makePicture('a red apple');
  const kept = await studio.kept();
  expect(kept).toEqual({ prompt: 'a red apple', steps: '3', pictures: 1 });

  await page.reload();
  await studio.expectPicture('a red apple');
  expect(await studio.kept()).toEqual(kept);
  await expect(studio.field('Model')).toHaveValue('tiny-plain');
});

test('the download is a PNG that remembers its request', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  await studio.field('Seed').fill('7');
  await studio.makePicture('a red apple');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/7.*\.png$/);
  const bytes = readFileSync(await download.path());
  expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
  const text = bytes.toString('latin1');
  expect(text).toContain('parameters\0a red apple');
  expect(text).toContain('Seed: 7');
  expect(text).toContain('trainedAlgorithmicMedia');
});

test('the same seed gives the same picture, to the last byte', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  const pixels = await page.evaluate(async () => {
    const { kiln } = globalThis;
    const files: string[] = [];
    for (const seed of [7, 7, 8]) {
      await kiln?.generate(
        { prompt: 'a red apple', modelId: 'tiny-plain', seed },
        { device: 'cpu' },
        (event) => {
          if (event.kind === 'picture') files.push(event.picture.png.join());
        },
      );
    }
    return files;
  });
  expect(pixels).toHaveLength(3);
  expect(pixels[0]).toBe(pixels[1]);
  expect(pixels[0]).not.toBe(pixels[2]);
});

test('several pictures come as a contact sheet, each of its own seed', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  await studio.field('Seed').fill('10');
  await studio.field('Pictures').fill('3');
  await studio.prompt.fill('a red apple');
  await studio.generateButton.click();
  const sheet = page.getByRole('list', { name: 'Contact sheet' });
  for (const seed of [10, 11, 12]) {
    await expect(sheet.getByRole('button', { name: new RegExp(`seed ${seed}$`) })).toBeVisible({
      timeout: 60_000,
    });
  }
  await expect.poll(() => studio.pictureCount()).toBe(3);
});

test('picture k of a sheet is the picture of seed + k, to the last byte', async ({ studio, page }) => {
  const download = async () => {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    return readFileSync(await file.path());
  };
  const open = async (seed: number) => {
    await studio.gallery
      .getByRole('option', { name: new RegExp(`seed ${seed}$`) })
      .first()
      .click();
    await expect(page.getByRole('list', { name: 'Settings of this picture' })).toContainText(`Seed ${seed}`);
  };
  await studio.open('Tiny plain');
  await studio.field('Seed').fill('10');
  await studio.field('Pictures').fill('3');
  await studio.prompt.fill('a red apple');
  await studio.generateButton.click();
  await expect.poll(() => studio.pictureCount(), { timeout: 60_000 }).toBe(3);
  await expect(studio.generateButton).toBeVisible();
  const sheet = new Map<number, Buffer>();
  for (const seed of [10, 11, 12]) {
    await open(seed);
    sheet.set(seed, await download());
  }

  await studio.field('Pictures').fill('1');
  for (const [seed, bytes] of sheet) {
    await studio.field('Seed').fill(`${seed}`);
    await studio.makePicture('a red apple');
    expect((await download()).equals(bytes), `seed ${seed}`).toBe(true);
  }
  expect(sheet.get(10)?.equals(sheet.get(11) ?? Buffer.of())).toBe(false);
});

test('work is bounded: one evaluation a step and guidance pass, one decode', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  const kinds = await page.evaluate(async () => {
    const seen: string[] = [];
    await globalThis.kiln?.generate(
      { prompt: 'apple', modelId: 'tiny-plain', steps: 4, count: 2 },
      { device: 'cpu' },
      (event) => {
        if (event.kind === 'step') seen.push(`step ${event.step} of picture ${event.index}`);
        else if (event.kind === 'decode' || event.kind === 'text' || event.kind === 'picture')
          seen.push(event.kind);
      },
    );
    return seen;
  });
  expect(kinds).toEqual(['text', ...steps(0), 'decode', 'picture', ...steps(1), 'decode', 'picture']);
});

function steps(index: number): string[] {
  return [1, 2, 3, 4].map((step) => `step ${step} of picture ${index}`);
}
