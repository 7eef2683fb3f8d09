/** A picture edited by keyboard alone, on the model that ships: mask, draw anew, and find the settings again. */
import type { Locator } from '@playwright/test';
import { expectAccessible } from '../accessible.ts';
import { SHIPPED } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { plainPng } from '../picture-files.ts';
import { shownPixels } from '../studio.ts';

test.use({ baseURL: SHIPPED });

const APPLE = 'a red apple on a blue background';
const STAR = 'a yellow star on a blue background';

test('a source brings the steps that it takes to be seen, and the strength says where it would not be', async ({
  studio,
  page,
}) => {
  await studio.open();
  const usual = await studio.field('Steps').inputValue();
  const source = plainPng(256, 256);
  await page
    .getByLabel('Source picture file')
    .setInputFiles({ name: 'source.png', mimeType: 'image/png', buffer: Buffer.from(source) });
  await expect(studio.field('Steps')).toHaveValue('3');
  await expect(page.getByText('2 of 3 steps: keeps shapes, changes things.')).toBeVisible();
  await studio.field('Steps').fill('2');
  await expect(
    page.getByText('so nothing of the source is seen: take 3 steps, or less strength.'),
  ).toBeVisible();
  await studio.field('Steps').fill('3');
  await page.getByRole('button', { name: 'Remove the source picture' }).click();
  await expect(studio.field('Steps')).toHaveValue(usual);

  const unscreened = await page.evaluate(
    async (bytes) => {
      const kept = await globalThis.kiln!.addInput(Uint8Array.from(bytes));
      if (!kept.ok) throw new Error('not kept');
      const init = { sha256: kept.sha256, strength: 0.6, fit: 'crop' } as const;
      const asked: number[] = [];
      await globalThis.kiln!.generate({ prompt: 'a pear', init }, { device: 'cpu' }, (event) => {
        if (event.kind === 'request') asked.push(event.request.steps);
      });
      return asked;
    },
    [...source],
  );
  expect(unscreened).toEqual([3]);
});

test('make, mask by keyboard, draw anew: outside the mask nothing changes, and the settings come back', async ({
  studio,
  page,
}) => {
  await studio.open();
  await studio.chooseDevice('CPU');
  await studio.field('Steps').fill('2');
  await studio.field('Seed').fill('7');
  await studio.makePicture(APPLE);
  const before = await shownPixels(studio, APPLE);

  await press(page.getByRole('button', { name: 'More', exact: true }));
  await press(page.getByRole('menuitem', { name: 'Edit with a mask' }));
  const mask = page.getByRole('application', { name: 'Mask' });
  await expect(mask).toBeVisible();
  const status = page.locator('output').filter({ hasText: 'is masked' });
  await expect(status).toHaveText('0 % of the picture is masked.');
  await expectAccessible(page, 'mask');

  // Each tool once, undone again but for the brush: from the middle two and a half brushes to the right.
  await mask.focus();
  const stroke = async (...keys: string[]) => {
    await page.keyboard.press('Space');
    for (const key of keys) await page.keyboard.press(key);
    await page.keyboard.press('Space');
  };
  for (const tool of ['Rectangle', 'Lasso']) {
    await page.getByRole('radio', { name: tool }).focus();
    await page.keyboard.press('Space');
    await mask.focus();
    await stroke('ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowDown');
    await expect(status).not.toHaveText('0 % of the picture is masked.');
    await page.keyboard.press('ControlOrMeta+z');
    await expect(status).toHaveText('0 % of the picture is masked.');
  }
  await page.getByRole('radio', { name: 'Brush' }).focus();
  await page.keyboard.press('Space');
  await mask.focus();
  await stroke('ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'ArrowLeft');
  await expect(status).toHaveText('4 % of the picture is masked.');
  await press(page.getByRole('button', { name: 'Invert the mask' }));
  await expect(status).toHaveText('96 % of the picture is masked.');
  await press(page.getByRole('button', { name: 'Undo' }));
  await expect(status).toHaveText('4 % of the picture is masked.');

  await studio.prompt.fill(STAR);
  await studio.field('Strength').fill('0.9');
  await press(page.getByRole('button', { name: 'Draw the masked part' }));
  await studio.expectPicture(STAR);
  const after = await shownPixels(studio, STAR);
  // The pen went over two brushes of 32 at the height it was put down; the soft edge reaches 10 pixels.
  const changed = box(before, after);
  expect(changed.height).toBeGreaterThan(20);
  expect(changed.height).toBeLessThanOrEqual(32 + 2 * 11);
  expect(changed.width).toBeGreaterThan(60);
  expect(changed.width).toBeLessThanOrEqual(96 + 2 * 11);

  await press(page.getByRole('button', { name: 'Remove the source picture' }));
  await expect(page.getByRole('button', { name: 'Choose a picture' })).toBeVisible();
  await press(page.getByRole('button', { name: 'Use settings' }));
  await expect(page.getByText('256 × 256, masked')).toBeVisible();
  await expect(studio.field('Strength')).toHaveValue('0.9');
  await page.reload();
  await expect(page.getByText('256 × 256, masked')).toBeVisible();

  // An edge of the frame, dragged outwards: the field beside says how far.
  await press(page.getByRole('button', { name: 'Edit mask' }));
  const handle = page.locator('[data-handle="rightPx"]');
  await expect(status).toHaveText('4 % of the picture is masked.');
  // Waits until the stage has found its zoom.
  await handle.hover();
  const edge = await handle.boundingBox();
  await page.mouse.down();
  await page.mouse.move(edge!.x + edge!.width / 2 + 60, edge!.y + edge!.height / 2);
  await page.mouse.up();
  await expect(studio.field('Right')).toHaveValue(/^[1-9]\d*$/);
  await expect(page.getByRole('radio', { name: 'Fill' })).toBeChecked();
});

async function press(what: Locator): Promise<void> {
  await what.focus();
  await what.press('Enter');
}

/** The sides of the smallest rectangle around what differs in two pictures of 256. */
function box(a: number[], b: number[]): { width: number; height: number } {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    xs.push(Math.floor(i / 4) % 256);
    ys.push(Math.floor(i / 1024));
  }
  return { width: span(xs), height: span(ys) };
}

function span(values: number[]): number {
  if (values.length === 0) return 0;
  return values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b)) + 1;
}
