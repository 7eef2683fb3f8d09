/** Live paint by the keyboard alone: the picture follows the sketch, and what is kept has its settings. */
import { expectAccessible } from '../accessible.ts';
import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';

test.use({ baseURL: WITH_TINY });

test('the picture follows what is painted, and is kept', async ({ studio, page }) => {
  await studio.open('Tiny Stable Diffusion');
  await studio.prompt.fill('a red apple');
  await page.keyboard.press('Alt+p');
  const sketch = page.getByRole('application', { name: 'Sketch' });
  await sketch.focus();
  await expect(page.getByText('The paper is empty.')).toBeVisible();
  const picture = page.getByRole('figure', { name: 'Picture' }).getByRole('img');
  const bytes = () =>
    picture.evaluate(async (img: HTMLImageElement) => {
      // A newer picture may take its place while this one is decoded.
      while (
        !(await img.decode().then(
          () => true,
          () => false,
        ))
      )
        await new Promise(requestAnimationFrame);
      const { naturalWidth: width, naturalHeight: height } = img;
      const context = new OffscreenCanvas(width, height).getContext('2d');
      context?.drawImage(img, 0, 0);
      const { data } = context!.getImageData(0, 0, width, height);
      return String(new Uint8Array(await crypto.subtle.digest('SHA-256', data)));
    });

  await page.keyboard.press('Space');
  for (let k = 0; k < 4; k++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await expect(picture).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('Up to date.')).toBeVisible();
  await expect(page.getByText(/^Draws at about [\d.]+ a minute here\.$/)).toBeVisible();
  const first = await bytes();

  // The whole paper in another colour.
  await page.getByRole('button', { name: 'Blue', exact: true }).press('Enter');
  await page.getByRole('radio', { name: 'Fill' }).press('Space');
  await sketch.focus();
  for (let k = 0; k < 3; k++) await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Space');
  await expect.poll(bytes, { timeout: 60_000 }).not.toBe(first);
  await expect(page.getByText('Up to date.')).toBeVisible();

  // The same sketch is the same picture.
  const second = await bytes();
  await sketch.focus();
  await page.keyboard.press('ControlOrMeta+z');
  await expect.poll(bytes, { timeout: 60_000 }).not.toBe(second);
  await expect(page.getByText('Up to date.')).toBeVisible();

  await expectAccessible(page, 'paint');

  await page.getByRole('button', { name: 'Keep' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Kept' })).toBeDisabled();
  await page.getByRole('button', { name: 'Back to the studio' }).press('Enter');
  await expect(studio.gallery.getByRole('option', { name: /^a red apple, seed 1$/ })).toBeVisible();
});
