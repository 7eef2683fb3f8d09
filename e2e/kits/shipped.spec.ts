/** The brands that ship, on the starter: each gives the same prompt and seed another look, and taking it off gives the plain one back. */
import index from '../../public/adapters/index.json' with { type: 'json' };
import { expect, test } from '../fixtures.ts';
import { psnrDb } from '../pipeline-goldens.ts';
import { shownPixels } from '../studio.ts';

const PROMPT = 'a lion on a green background';

test('every brand that ships redraws the same seed in its look', async ({ studio, page }) => {
  await studio.open();
  await page.getByRole('button', { name: 'Lock seed' }).click();
  await studio.makePicture(PROMPT);
  const looks = [Uint8Array.from(await shownPixels(studio, PROMPT))];
  const kit = (name: string) =>
    page.getByRole('radiogroup', { name: 'Kit' }).getByRole('radio', { name, exact: true });
  for (const [i, { name }] of index.adapters.entries()) {
    await kit(name).check();
    await page.getByRole('button', { name: `Redraw in ${name}` }).click();
    await expect(page.getByRole('list', { name: 'Settings of this picture' })).toContainText(`Kit ${name}`);
    await expect.poll(() => studio.pictureCount()).toBe(i + 2);
    await studio.expectPicture(PROMPT);
    looks.push(Uint8Array.from(await shownPixels(studio, PROMPT)));
  }
  expect(looks).toHaveLength(5);
  for (const [i, one] of looks.entries()) {
    for (const other of looks.slice(i + 1)) expect(psnrDb(one, other)).toBeLessThan(30);
  }
  await kit('None').check();
  await studio.makePicture(PROMPT);
  await expect.poll(() => shownPixels(studio, PROMPT)).toEqual([...looks[0]!]);
});
