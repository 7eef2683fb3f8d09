import { SHIPPED, WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { opaqueRgb, psnrDb } from '../pipeline-goldens.ts';

// The shaders of a whole pipeline are compiled and run on the CPU here.
test.setTimeout(400_000);

test.describe('the model that ships', () => {
  test.use({ baseURL: SHIPPED });

  test('draws the same on WebGPU, with no node on the CPU, as on the CPU', async ({ studio, page }) => {
    await studio.open();
    const report = await page.evaluate(() => globalThis.kiln?.probe('webgpu'));
    expect(report?.gpu).toMatchObject({ vendor: 'google', architecture: 'swiftshader', software: true });
    const made = await page.evaluate(async () => {
      const pictures: { device: string; rgba: number[] }[] = [];
      const outcomes: unknown[] = [];
      for (const device of ['webgpu', 'cpu'] as const) {
        const outcome = await globalThis.kiln?.generate(
          { prompt: 'a red apple on a blue background', seed: 7, steps: 1, guidanceScale: 1 },
          { device, strictGpu: device === 'webgpu' },
          async (event) => {
            if (event.kind !== 'picture') return;
            const bitmap = await createImageBitmap(new Blob([new Uint8Array(event.picture.png)]));
            const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
            context?.drawImage(bitmap, 0, 0);
            const { data } = context?.getImageData(0, 0, bitmap.width, bitmap.height) ?? { data: [] };
            pictures.push({ device: event.picture.device, rgba: [...data] });
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
    const [onGpu, onCpu] = made.pictures.map((picture) => opaqueRgb(picture.rgba));
    expect(onGpu?.length).toBe(256 * 256 * 3);
    expect(psnrDb(onGpu ?? [], onCpu ?? [])).toBeGreaterThan(40);
  });
});

test.describe('a person who chooses the GPU', () => {
  test.use({ baseURL: WITH_TINY });

  test('gets the GPU', async ({ studio, page }) => {
    await studio.open('Tiny plain');
    await studio.chooseDevice('GPU');
    await studio.makePicture('a red apple');
    await expect(page.getByRole('list', { name: 'Settings of this picture' })).toContainText('on GPU');
  });
});
