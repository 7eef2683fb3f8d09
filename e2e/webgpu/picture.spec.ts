import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';

test.use({ baseURL: WITH_TINY });
// The shaders of a whole pipeline are compiled and run on the CPU here.
test.setTimeout(240_000);

test('a picture is made on WebGPU with no node on the CPU, near the one of the CPU', async ({
  studio,
  page,
}) => {
  await studio.open('Tiny plain');
  const report = await page.evaluate(() => globalThis.kiln?.probe('webgpu'));
  expect(report?.gpu).toMatchObject({ vendor: 'google', architecture: 'swiftshader', software: true });

  const made = await page.evaluate(async () => {
    const pictures: { device: string; pixels: number[] }[] = [];
    const outcomes: unknown[] = [];
    for (const device of ['webgpu', 'cpu'] as const) {
      const outcome = await globalThis.kiln?.generate(
        { prompt: 'a red apple', modelId: 'tiny-sd', seed: 7, steps: 2 },
        { device, strictGpu: device === 'webgpu' },
        async (event) => {
          if (event.kind !== 'picture') return;
          const bitmap = await createImageBitmap(new Blob([new Uint8Array(event.picture.png)]));
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
          context?.drawImage(bitmap, 0, 0);
          const { data } = context?.getImageData(0, 0, bitmap.width, bitmap.height) ?? { data: [] };
          pictures.push({ device: event.picture.device, pixels: [...data] });
        },
      );
      outcomes.push(outcome);
    }
    return { pictures, outcomes };
  });
  expect(made.outcomes).toEqual([
    { outcome: 'done', pictures: 1 },
    { outcome: 'done', pictures: 1 },
  ]);
  expect(made.pictures.map((picture) => picture.device)).toEqual(['webgpu', 'cpu']);
  const [onGpu, onCpu] = made.pictures.map((picture) => picture.pixels);
  const farthest = Math.max(...(onGpu ?? []).map((value, at) => Math.abs(value - (onCpu?.[at] ?? 0))));
  expect(onGpu?.length).toBe(64 * 64 * 4);
  expect(farthest).toBeLessThanOrEqual(2);
});

test('a person who chooses the GPU gets the GPU', async ({ studio, page }) => {
  await studio.open('Tiny Stable Diffusion');
  await studio.field('Steps').fill('2');
  await studio.chooseDevice('GPU');
  await studio.makePicture('a red apple', 200_000);
  await expect(page.getByRole('list', { name: 'Settings of this picture' })).toContainText('on GPU');
});
