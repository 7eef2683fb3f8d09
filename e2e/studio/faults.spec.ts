import { WITH_TINY } from '../addresses.ts';
import {
  armWorker,
  breakEngineWorker,
  breakFile,
  denyStorage,
  hideGpu,
  mendEngineWorker,
  throwInWorker,
} from '../faults.ts';
import { expect, expectSound, test } from '../fixtures.ts';
import { shownPixels } from '../studio.ts';

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

for (const [model, what] of [
  ['Tiny nan', 'values that are not numbers'],
  ['Tiny flat', 'a single flat colour'],
] as const) {
  test(`a result of ${what} is not saved, and said`, async ({ studio }) => {
    await studio.open(model);
    await studio.prompt.fill('a red apple');
    const kept = await studio.kept();
    await studio.generateButton.click();
    await expect(studio.alert).toContainText(`answered with ${what}`, { timeout: 60_000 });
    await expectSound(studio, {
      title: 'The result was not a picture',
      kept,
      makeSound: async () => {
        await studio.field('Model').selectOption({ label: 'Tiny plain' });
      },
    });
  });
}

for (const how of ['missing', 'garbage'] as const) {
  test(`a worker whose script is ${how} is said, and started anew next time`, async ({
    studio,
    watch,
    context,
  }) => {
    watch.allow(FAILED_LOAD);
    await studio.open('Tiny plain');
    await studio.prompt.fill('a red apple');
    const kept = await studio.kept();
    await breakEngineWorker(context, how);
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
}

test('a worker that throws in mid-run is replaced, and the same seed gives the same picture', async ({
  studio,
  page,
  context,
}) => {
  await armWorker(context);
  await studio.open('Tiny Stable Diffusion');
  await studio.field('Steps').fill('50');
  await studio.field('Seed').fill('7');
  await studio.makePicture('a red apple');
  const undisturbed = await shownPixels(studio, 'a red apple');

  const kept = await studio.kept();
  await studio.generateButton.click();
  await expect(studio.progress).toHaveAttribute('aria-valuetext', /^Step \d/, { timeout: 60_000 });
  await throwInWorker(page);
  await expect(page.getByText('The engine was restarted.', { exact: true })).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => studio.pictureCount(), { timeout: 60_000 }).toBe(kept.pictures + 1);
  await studio.expectPicture('a red apple');
  expect(await shownPixels(studio, 'a red apple')).toEqual(undisturbed);
  await expect(studio.alert).toHaveCount(0);
});

test('a worker that throws again is replaced no more: a card with a report says so', async ({
  studio,
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await armWorker(context);
  await studio.open('Tiny Stable Diffusion');
  await studio.field('Steps').fill('50');
  await studio.prompt.fill('a red apple');
  const kept = await studio.kept();
  await studio.generateButton.click();
  await expect(studio.progress).toHaveAttribute('aria-valuetext', /^Step \d/, { timeout: 60_000 });
  await throwInWorker(page);
  await expect(page.getByText('The engine was restarted.', { exact: true })).toBeVisible({ timeout: 60_000 });
  // The new worker hears it as soon as its script runs.
  await expect(async () => {
    await throwInWorker(page);
    await expect(studio.alert).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 60_000 });
  await expect(studio.alert).toContainText('broken on purpose');
  await page.getByRole('button', { name: 'Copy report' }).click();
  const report = await page.evaluate(() => navigator.clipboard.readText());
  expect(report).toMatch(/^The engine stopped\n/);
  expect(report).toContain('"prompt": "a red apple"');
  await expectSound(studio, {
    title: 'The engine stopped',
    kept,
    makeSound: async () => {
      await studio.field('Model').selectOption({ label: 'Tiny plain' });
    },
  });
});

for (const [what, reason] of [
  ['api', 'This browser has no WebGPU.'],
  ['adapter', 'This browser has WebGPU but offers no GPU adapter.'],
] as const) {
  test(`without a WebGPU ${what} the GPU is refused with what to do, and Auto takes the CPU and says why`, async ({
    studio,
    page,
    context,
  }) => {
    await hideGpu(context, what);
    await studio.open('Tiny plain');
    await page.getByRole('button', { name: 'Device: CPU' }).click();
    await expect(page.getByRole('dialog', { name: 'Device' })).toContainText(reason);
    await page.keyboard.press('Escape');
    await studio.chooseDevice('GPU');
    await studio.prompt.fill('a red apple');
    const kept = await studio.kept();
    await studio.generateButton.click();
    await expect(studio.alert).toContainText(reason);
    await expect(studio.alert).toContainText('Set Device to Auto or CPU, then generate again.');
    await expectSound(studio, {
      title: 'There is no GPU to use',
      kept,
      makeSound: () => studio.chooseDevice('Auto'),
    });
    await expect(page.getByRole('list', { name: 'Settings of this picture' })).toContainText('on CPU');
  });
}

test('an engine that hangs is ended by itself, said, and replaced', async ({ studio }) => {
  test.setTimeout(180_000);
  await studio.open('Tiny hang');
  await studio.prompt.fill('a red apple');
  const kept = await studio.kept();
  await studio.generateButton.click();
  await expect(studio.alert).toContainText(/gave no sign for \d+ seconds/, { timeout: 90_000 });
  await expectSound(studio, {
    title: 'The engine stopped answering',
    kept,
    makeSound: async () => {
      await studio.field('Model').selectOption({ label: 'Tiny plain' });
    },
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

test('where storage is denied pictures are made all the same, and it is said that they will not stay', async ({
  studio,
  page,
}) => {
  await denyStorage(page);
  await studio.open('Tiny plain');
  await expect(studio.alert).toContainText('This browser denies storage');
  expect((await studio.announced()).filter((text) => text.includes('denies storage'))).toHaveLength(1);
  await studio.prompt.fill('a red apple');
  const kept = await studio.kept();
  await studio.makePicture('a red apple');
  expect(await studio.kept()).toEqual({ ...kept, pictures: 1 });
  // Beside it a message says the same of this picture, and goes by itself.
  const banner = studio.alert.filter({ hasText: 'denies storage' });
  await banner.getByRole('button', { name: 'Dismiss' }).click();
  await expect(banner).toHaveCount(0);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.png$/);
  await page.reload();
  await expect(studio.prompt).toHaveValue('a red apple');
  await expect.poll(() => studio.pictureCount()).toBe(0);
});
