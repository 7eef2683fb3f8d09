/** The GPU taken away or too small, on a person's screen. The tiny model's shaders are compiled on the CPU here. */
import { WITH_TINY } from '../addresses.ts';
import { holdDevice, limitGpuMemory, loseDevice, mendEngineWorker, passForRealGpu } from '../faults.ts';
import { expect, expectSound, test } from '../fixtures.ts';
import { shownPixels } from '../studio.ts';

test.use({ baseURL: WITH_TINY });
test.setTimeout(300_000);

const FAILED_GPU = /Aborted|WebGPU|GPUBuffer|GPUDevice|ExecuteKernel|buffer_manager|createBuffer|device/i;

test('a GPU without half precision is said, and computes in 32 bits', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  await studio.chooseDevice('GPU');
  await page.getByRole('button', { name: /^Device/ }).click();
  await expect(page.getByText('No, so it computes in 32 bits, which is slower')).toBeVisible();
  await page.keyboard.press('Escape');
  await studio.makePicture('a red apple');
});

test('a GPU lost on the way is started again, and the same seed gives the same picture', async ({
  studio,
  page,
  watch,
  context,
}) => {
  watch.allow(FAILED_GPU);
  await holdDevice(context);
  await studio.open('Tiny plain');
  await studio.chooseDevice('GPU');
  await studio.field('Steps').fill('50');
  await studio.field('Seed').fill('7');
  // Compiles the shaders and is what the other picture has to equal.
  await studio.makePicture('a red apple');
  const undisturbed = await shownPixels(studio, 'a red apple');

  await studio.prompt.fill('a red apple');
  const kept = await studio.kept();
  await studio.generateButton.click();
  await expect(studio.progress).toHaveAttribute('aria-valuetext', /^Step [1-9]/, { timeout: 60_000 });
  await loseDevice(page);
  await expect(page.getByRole('listitem').filter({ hasText: 'The device recovered' })).toBeVisible({
    timeout: 60_000,
  });
  await expect.poll(() => studio.pictureCount(), { timeout: 90_000 }).toBe(kept.pictures + 1);
  expect(await shownPixels(studio, 'a red apple')).toEqual(undisturbed);
  expect(await studio.kept()).toEqual({ ...kept, pictures: kept.pictures + 1 });
});

test('a GPU without room is said with numbers, and the CPU makes the picture', async ({
  studio,
  watch,
  context,
}) => {
  watch.allow(FAILED_GPU);
  await limitGpuMemory(context, 1024);
  await studio.open('Tiny plain');
  await studio.chooseDevice('GPU');
  await studio.prompt.fill('a red apple');
  const kept = await studio.kept();
  await studio.generateButton.click();
  await expect(studio.alert).toContainText(/\d+(\.\d+)? (B|kB|MB|GB|KiB|MiB|GiB)/, { timeout: 60_000 });
  await expectSound(studio, {
    title: 'There was not enough memory',
    kept,
    makeSound: async () => {
      await mendEngineWorker(context);
      await studio.chooseDevice('CPU');
    },
  });
});

test('left to choose, the engine goes on with the CPU by itself when the GPU has no room', async ({
  studio,
  page,
  watch,
  context,
}) => {
  watch.allow(FAILED_GPU);
  await limitGpuMemory(context, 1024, passForRealGpu);
  await studio.open('Tiny plain');
  await expect(page.getByRole('button', { name: /^Device: GPU/ })).toBeVisible();
  await studio.makePicture('a red apple');
  await expect(page.getByRole('listitem').filter({ hasText: 'Made on the CPU instead' })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Settings of this picture' })).toContainText('on CPU');
});
