import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';

test.use({ baseURL: WITH_TINY });

test('Ctrl+Enter starts, Esc stops, and the next one comes', async ({ studio, page }) => {
  await studio.open('Tiny Stable Diffusion');
  await studio.field('Steps').fill('50');
  await studio.prompt.fill('a red apple');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(studio.cancelButton).toBeVisible();
  await expect(studio.progress).toHaveAttribute('aria-valuetext', /step \d+ of 50/i, { timeout: 60_000 });
  await page.keyboard.press('Escape');
  await expect(page.getByText('Cancelled', { exact: true })).toBeVisible();
  await expect(studio.generateButton).toBeVisible();
  expect(await studio.announced()).toContain('Cancelled. No picture finished.');

  await studio.field('Steps').fill('2');
  await studio.makePicture('a green apple');
});

test('every page opens on its title and is left by Esc or the arrow, the focus going on in the studio', async ({
  studio,
  page,
}) => {
  await studio.open('Tiny plain');
  const pages: [command: string, heading: string][] = [
    ['Gallery', 'Gallery'],
    ['Models', 'Models'],
    ['Compare pictures', 'Compare'],
    ['X/Y/Z grid', 'X/Y/Z grid'],
    ['Blind A/B test', 'Blind A/B test'],
    ['Kits', 'Kits'],
    ['Captions of a folder', 'Caption a folder'],
    ['Live paint', 'Live paint'],
  ];
  for (const [at, [command, name]] of pages.entries()) {
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('combobox', { name: 'Find a command' }).fill(command);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name, level: 2, exact: true })).toBeFocused();
    if (at % 2 === 0) await page.keyboard.press('Escape');
    else await page.getByRole('button', { name: 'Back to the studio' }).press('Enter');
    await expect(studio.generateButton).toBeVisible();
    await expect(page.getByRole('main')).toBeFocused();
  }
});

test('the keyboard alone goes from a prompt over a mask to a starred, exported picture', async ({
  studio,
  page,
}) => {
  test.setTimeout(180_000);
  await studio.open('Tiny Stable Diffusion');
  await studio.field('Steps').fill('2');
  await page.reload();
  await expect(studio.generateButton).toBeEnabled();
  const tabTo = async (what: ReturnType<typeof page.getByRole>) => {
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      if (await what.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error('The Tab key does not reach it.');
  };
  await tabTo(studio.prompt);
  await page.keyboard.type('a red apple');
  await tabTo(studio.generateButton);
  await page.keyboard.press('Enter');
  await studio.expectPicture('a red apple');

  await tabTo(page.getByRole('button', { name: 'More', exact: true }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Edit with a mask' })).toBeFocused();
  await page.keyboard.press('Enter');
  const mask = page.getByRole('application', { name: 'Mask' });
  await expect(mask).toBeVisible();
  await tabTo(mask);
  for (const key of ['Space', 'ArrowRight', 'ArrowRight', 'Space']) await page.keyboard.press(key);
  const draw = page.getByRole('button', { name: 'Draw the masked part' });
  await expect(draw).toBeEnabled();
  await tabTo(draw);
  await page.keyboard.press('Enter');
  await expect.poll(() => studio.pictureCount(), { timeout: 60_000 }).toBe(2);
  await studio.expectPicture('a red apple');

  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByRole('combobox', { name: 'Find a command' })).toBeFocused();
  await page.keyboard.type('Gallery');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Gallery' })).toBeFocused();
  const list = page.getByRole('listbox', { name: 'Pictures' });
  await tabTo(list);
  await page.keyboard.press('Home');
  await page.keyboard.press('s');
  await expect(list.getByRole('option').first()).toHaveAccessibleName(/starred/);
  await page.keyboard.press('Enter');
  await studio.expectPicture('a red apple');

  await page.keyboard.press('ControlOrMeta+Shift+s');
  const save = page.getByRole('button', { name: 'Save file' });
  await expect(save).toBeVisible();
  await tabTo(save);
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  expect(download.suggestedFilename()).toMatch(/\.png$/);
});

test('arrows walk the gallery, Delete removes and Undo brings back', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  await studio.makePicture('first');
  await studio.makePicture('second');
  await studio.gallery.getByRole('option', { name: /^second/ }).focus();
  await page.keyboard.press('ArrowDown');
  await studio.expectPicture('first');
  await page.keyboard.press('Delete');
  await expect.poll(() => studio.pictureCount()).toBe(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => studio.pictureCount()).toBe(2);
});
