/** The library in the studio: looking before installing, installing, drawing, versions, removing, refusing. */
import { readFileSync } from 'node:fs';
import { expect, test } from '../hub/fixtures.ts';
import { copyOfModel, halfPrecisionParts, LibraryPage, tinyModel } from './library-page.ts';
import { expectAccessible } from '../accessible.ts';

test('by keyboard: the library opens, a folder is looked at, installed and drawn with', async ({
  studio,
  page,
}) => {
  const library = new LibraryPage(page);
  await studio.open();
  await page.getByRole('button', { name: 'Models', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(library.heading).toBeFocused();

  await library.lookAtFolder(tinyModel('tiny-plain'));
  await expect(library.sheet).toContainText('Fits this device');
  await expect(library.sheet).toContainText('nothing is fetched');
  await expect(library.card('Tiny plain')).toHaveCount(0);
  await library.installButton.focus();
  await page.keyboard.press('Enter');
  await expect(library.card('Tiny plain')).toBeVisible();

  // The sheet hands the focus back as it goes.
  await expect(library.sheet).toBeHidden();
  const use = page.getByRole('button', { name: 'Use Tiny plain', exact: true });
  await use.focus();
  await expect(use).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(library.heading).toBeHidden();
  await expect(studio.field('Model').locator('option:checked')).toHaveText('Tiny plain');
  await studio.makePicture('a red apple');

  await page.reload();
  await expect(studio.generateButton).toBeEnabled();
  await expect(studio.field('Model').locator('option:checked')).toHaveText('Tiny plain');
  await studio.makePicture('a green apple');
});

test('Esc leaves the sheet first and then the library', async ({ studio, page }) => {
  const library = new LibraryPage(page);
  await studio.open();
  await library.open();
  await library.lookAtFolder(tinyModel('tiny-plain'));
  await page.keyboard.press('Escape');
  await expect(library.sheet).toBeHidden();
  await expect(library.heading).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(library.heading).toBeHidden();
  await expect(studio.generateButton).toBeVisible();
});

test('two versions: switched, compared on one request, rolled back, removed', async ({
  studio,
  page,
}, testInfo) => {
  const library = new LibraryPage(page);
  const second = copyOfModel('tiny-plain', testInfo.outputPath('second'), {
    summary: 'The second version.',
    steps: { default: 1, min: 1, max: 1 },
  });
  await studio.open();
  // More than the second version has.
  await studio.field('Steps').fill('2');
  await library.open();
  for (const folder of [tinyModel('tiny-plain'), second]) {
    await library.lookAtFolder(folder);
    await library.install();
    await expect(library.card('Tiny plain')).not.toHaveCount(0);
  }
  // While it arrives, a version has a row of its own beside the one that is here.
  await expect(async () => {
    const shown = await library.showDetails('Tiny plain');
    expect(await shown.innerText({ timeout: 1_000 })).toContain('The second version.');
  }).toPass();
  const card = library.card('Tiny plain');
  await expect(card.getByRole('heading', { name: 'Versions' })).toBeVisible();

  await card.getByRole('button', { name: 'Compare versions' }).click();
  await library.sheet.getByRole('button', { name: 'Draw both' }).click();
  await expect(library.sheet.getByRole('img')).toHaveCount(2, { timeout: 60_000 });
  await expect(library.sheet.getByRole('row', { name: /^Steps/ })).toBeVisible();
  await expect(library.sheet).toContainText('Every file is the same.');
  await page.keyboard.press('Escape');

  await card.getByRole('button', { name: 'Roll back' }).click();
  await expect(card).not.toContainText('The second version.');
  await expect(page.getByText(/Tiny plain is back at/).first()).toBeVisible();

  await card.getByRole('button', { name: 'Verify' }).click();
  await expect(card).toContainText('Every byte is as it was when it arrived.');

  await card.getByRole('button', { name: 'Remove', exact: true }).first().click();
  const asked = page.getByRole('alertdialog');
  await expect(asked).toContainText('Other versions share its files');
  await asked.getByRole('button', { name: 'Keep' }).click();
  await expect(card.getByRole('heading', { name: 'Versions' })).toBeVisible();
  await card.getByRole('button', { name: 'Remove', exact: true }).first().click();
  await asked.getByRole('button', { name: 'Remove it' }).click();
  await expect(card.getByRole('heading', { name: 'Versions' })).toBeHidden();
  await card.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(asked).toContainText(/frees \d+ kB/);
  await asked.getByRole('button', { name: /^Remove, free/ }).click();
  await expect(card).toHaveCount(0);
});

test('what this device cannot run is refused, with the reason', async ({ studio, page }, testInfo) => {
  const library = new LibraryPage(page);
  const half = copyOfModel('tiny-plain', testInfo.outputPath('half'), {
    id: 'tiny-half',
    name: 'Tiny half',
    parts: halfPrecisionParts('tiny-plain'),
  });
  await studio.open();
  await library.open();
  await library.lookAtFolder(half);
  await expect(library.sheet).toContainText('Does not fit');
  await expect(library.sheet).toContainText('needs a GPU with shader-f16');
  await expect(library.installButton).toBeDisabled();
});

test('a folder that is no model, and a name that is none, are told as such', async ({ studio, page }) => {
  const library = new LibraryPage(page);
  await studio.open();
  await library.open();
  await page.getByLabel('Folder of a model').setInputFiles(tinyModel('tiny-plain/tokenizer'));
  await expect(library.sheet.getByRole('alert')).toContainText('There is no model here');
  await page.keyboard.press('Escape');
  await library.lookAtRepository('not a repository');
  await expect(library.sheet.getByRole('alert')).toBeVisible();
});

test('an export comes back by being dropped on the page', async ({ studio, page }) => {
  const library = new LibraryPage(page);
  await studio.open();
  await library.open();
  await library.lookAtFolder(tinyModel('tiny-plain'));
  await library.install();
  const card = await library.showDetails('Tiny plain');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    card.getByRole('button', { name: 'Export' }).click(),
  ]);
  const bytes = [...readFileSync(await download.path())];
  await card.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('button', { name: /^Remove, free/ }).click();
  await expect(card).toHaveCount(0);
  const dropped = await page.evaluateHandle(
    ([name, content]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(content)], name, { type: 'application/zip' }));
      return data;
    },
    [download.suggestedFilename(), bytes] as const,
  );
  await page.dispatchEvent('main', 'drop', { dataTransfer: dropped });
  await expect(library.card('Tiny plain')).toBeVisible();
  await expect(page.getByText('One model imported.').first()).toBeVisible();
});

test('from the hub: looked at, pinned to its commit, installed and drawn with', async ({
  studio,
  page,
  hub,
}) => {
  const library = new LibraryPage(page);
  await studio.open();
  await library.open();
  await library.lookAtRepository('kiln-tests/tiny-sd');
  await expect(library.sheet).toContainText(hub.commitOf('kiln-tests/tiny-sd') ?? 'a commit');
  await expect(library.sheet).toContainText('huggingface.co');
  const name = (await library.sheet.getByRole('heading').first().textContent()) ?? '';
  await library.install();
  await expect(library.card(name)).toBeVisible({ timeout: 30_000 });
  // Exact: "Pause" ends in "use" as well.
  await page.getByRole('button', { name: `Use ${name}`, exact: true }).click();
  await studio.field('Steps').fill('2');
  await studio.makePicture('a red apple');
});

test('what a run took stands beside what was predicted', async ({ studio, page }) => {
  const library = new LibraryPage(page);
  await studio.open();
  await library.open();
  await expect(page.getByText('CPU measured')).toBeVisible({ timeout: 30_000 });
  await library.lookAtFolder(tinyModel('tiny-sd'));
  await expect(library.sheet).toContainText(/about .* a picture/);
  await library.install();
  await page.getByRole('button', { name: 'Use Tiny Stable Diffusion', exact: true }).click();
  await studio.field('Steps').fill('2');
  await studio.makePicture('a red apple');
  await library.open();
  const card = await library.showDetails('Tiny Stable Diffusion');
  await expect(card).toContainText(/Over one run it took .* the time predicted/);
});

test('no state of the library has an accessibility fault at any width', async ({ studio, page }) => {
  const library = new LibraryPage(page);
  await studio.open();
  await library.open();
  await expect(page.getByText('CPU measured')).toBeVisible({ timeout: 30_000 });
  for (const width of [360, 820, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    await expectAccessible(page, `empty at ${width} pixels`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow, `${width} pixels`).toBeLessThanOrEqual(0);
  }
  await library.lookAtFolder(tinyModel('tiny-plain'));
  await expectAccessible(page, 'dry run');
  await library.install();
  const card = await library.showDetails('Tiny plain');
  await expectAccessible(page, 'details');
  await card.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await expectAccessible(page, 'removing');
});
