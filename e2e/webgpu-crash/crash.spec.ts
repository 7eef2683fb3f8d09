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

  await studio.prompt.fill('a red apple');
  await studio.generateButton.click();
  await expect(studio.progress).toHaveAttribute('aria-valuetext', /^Step [1-9]/, { timeout: 60_000 });
  await crashGpu(browser);
  await expect(page.getByRole('listitem').filter({ hasText: 'The device recovered' })).toBeVisible({
    timeout: 90_000,
  });
  await studio.expectPicture('a red apple');

  await studio.prompt.fill('a blue apple');
  const kept = await studio.kept();
  await studio.generateButton.click();
  await expect(studio.progress).toHaveAttribute('aria-valuetext', /^Step [1-9]/, { timeout: 60_000 });
  await crashGpu(browser);
  const title = await studio.alert
    .filter({ hasText: /The GPU stopped answering|The browser has paused the GPU/ })
    .getByRole('heading')
    .textContent({ timeout: 90_000 });
  // What is done stays done, and can be saved.
  await expect(page.getByRole('button', { name: 'Download' }).first()).toBeVisible();
  await expectSound(studio, {
    title: title ?? 'no title',
    kept,
    makeSound: () => studio.chooseDevice('CPU'),
  });
});
