/** The browser's GPU process dies, and dies again: its own browser, because the browser remembers it. */
import { WITH_TINY } from '../addresses.ts';
import { crashGpu } from '../faults.ts';
import { expect, expectSound, test } from '../fixtures.ts';

test.use({ baseURL: WITH_TINY });
test.setTimeout(300_000);

test('one crash is recovered from; after the second the browser gives no GPU, and the studio says so', async ({
  studio,
  page,
  watch,
  browser,
}) => {
  watch.allow(/Aborted|GPU|device|lost|kernel|buffer/i);
  await studio.open('Tiny plain');
  await studio.chooseDevice('GPU');
  await studio.field('Steps').fill('50');
  await studio.makePicture('a green apple');

  // Several pictures, so that the crash falls into the run however fast it is.
  await studio.field('Pictures').fill('8');
  await studio.prompt.fill('a red apple');
  await studio.generateButton.click();
  await expect(studio.progress).toHaveAttribute('aria-valuetext', /step \d/i, { timeout: 60_000 });
  await crashGpu(browser);
  await expect(page.getByRole('listitem').filter({ hasText: 'The device recovered' })).toBeVisible({
    timeout: 90_000,
  });
  await expect.poll(() => studio.pictureCount(), { timeout: 120_000 }).toBe(1 + 8);

  await studio.prompt.fill('a blue apple');
  const before = await studio.kept();
  await studio.generateButton.click();
  await expect(studio.progress).toHaveAttribute('aria-valuetext', /step \d/i, { timeout: 60_000 });
  await crashGpu(browser);
  const title = await studio.alert
    .filter({ hasText: /The GPU stopped answering|The browser has paused the GPU/ })
    .getByRole('heading')
    .textContent({ timeout: 90_000 });
  // What was done before the crash stays done, and can be saved.
  const kept = await studio.kept();
  expect({ ...kept, pictures: before.pictures }).toEqual(before);
  expect(kept.pictures).toBeGreaterThanOrEqual(before.pictures);
  await studio.field('Pictures').fill('1');
  await expectSound(studio, {
    title: title ?? 'no title',
    kept,
    makeSound: () => studio.chooseDevice('CPU'),
  });
  await expect(page.getByRole('button', { name: 'Download' }).first()).toBeVisible();
});
