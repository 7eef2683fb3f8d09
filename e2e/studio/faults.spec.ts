import { WITH_TINY } from '../addresses.ts';
import { breakEngineWorker, breakFile, mendEngineWorker } from '../faults.ts';
import { expect, expectSound, test } from '../fixtures.ts';

test.use({ baseURL: WITH_TINY });

const FAILED_LOAD = /^Failed to load resource/;
const NOT_ARRIVED = [
  ['missing', 'A model file is missing'],
  ['short', 'A model file arrived incomplete'],
  ['altered', 'A model file is not the original'],
  // A captive portal's page is shorter than the weights it stands for.
  ['login-page', 'A model file arrived incomplete'],
  ['cut', 'A model file could not be fetched'],
] as const;

for (const [how, title] of NOT_ARRIVED) {
  test(`a model file that is ${how} is refused, said, and fetched anew next time`, async ({
    studio,
    watch,
    context,
  }) => {
    watch.allow(FAILED_LOAD);
    await studio.open('Tiny plain');
    const mend = await breakFile(context, 'unet/model.onnx', how);
    await studio.prompt.fill('a red apple');
    const kept = await studio.kept();
    await studio.generateButton.click();
    await expectSound(studio, { title, kept, makeSound: mend });
  });
}

test('a result of no numbers is not saved, and said', async ({ studio }) => {
  await studio.open('Tiny nan');
  await studio.prompt.fill('a red apple');
  const kept = await studio.kept();
  await studio.generateButton.click();
  await expectSound(studio, {
    title: 'The result was not a picture',
    kept,
    makeSound: async () => {
      await studio.field('Model').selectOption({ label: 'Tiny plain' });
    },
  });
});

test('a worker that cannot be loaded is said, and started anew next time', async ({
  studio,
  watch,
  context,
}) => {
  watch.allow(FAILED_LOAD);
  await studio.open('Tiny plain');
  await studio.prompt.fill('a red apple');
  const kept = await studio.kept();
  await breakEngineWorker(context, 'missing');
  // The worker that probed the device lives; a fresh one is what cannot be had.
  await studio.page.reload();
  await expect(studio.generateButton).toBeEnabled();
  await studio.generateButton.click();
  await expectSound(studio, {
    title: 'The engine stopped',
    kept,
    makeSound: () => mendEngineWorker(context),
  });
});

test('an engine that hangs is cancelled within moments, and the next picture comes', async ({
  studio,
  page,
}) => {
  await studio.open('Tiny hang');
  await studio.prompt.fill('a red apple');
  const kept = await studio.kept();
  await studio.generateButton.click();
  await expect(studio.progress).toHaveAttribute('aria-valuetext', /step|reading/i, { timeout: 60_000 });
  await page.waitForTimeout(500);
  await page.keyboard.press('Escape');
  await expect(page.getByText('Cancelled', { exact: true })).toBeVisible({ timeout: 5_000 });
  expect(await studio.kept()).toEqual(kept);
  await studio.field('Model').selectOption({ label: 'Tiny plain' });
  await studio.makePicture('a green apple');
});

test('an empty prompt is said beside the button, and nothing runs', async ({ studio }) => {
  await studio.open('Tiny plain');
  await studio.generateButton.click();
  await expect(studio.prompt).toHaveAttribute('aria-invalid', 'true');
  await expect(studio.cancelButton).toHaveCount(0);
});
