import { SHIPPED } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { opaqueRgb, psnrDb } from '../pipeline-goldens.ts';

// The shaders are compiled and run on the CPU here.
test.setTimeout(300_000);
test.use({ baseURL: SHIPPED });

test('the upscaler gives the same on WebGPU, with no node on the CPU, as on the CPU', async ({
  studio,
  page,
}) => {
  await studio.open();
  const made = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(21, 16);
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('no canvas');
    context.fillStyle = '#2266cc';
    context.fillRect(0, 0, 21, 16);
    context.fillStyle = '#dd3322';
    context.arc(10, 8, 6, 0, 7);
    context.fill();
    const source = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    const pictures: { device: string; rgba: number[] }[] = [];
    for (const device of ['webgpu', 'cpu'] as const) {
      const outcome = await globalThis.kiln?.upscale(source, { device, strictGpu: device === 'webgpu' });
      if (outcome?.outcome !== 'done') throw new Error(JSON.stringify(outcome));
      const bitmap = await createImageBitmap(new Blob([new Uint8Array(outcome.picture.png)]));
      const large = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      large?.drawImage(bitmap, 0, 0);
      const { data } = large?.getImageData(0, 0, bitmap.width, bitmap.height) ?? { data: [] };
      pictures.push({ device: outcome.picture.device, rgba: [...data] });
    }
    return pictures;
  });
  expect(made.map((picture) => picture.device)).toEqual(['webgpu', 'cpu']);
  const [onGpu, onCpu] = made.map((picture) => opaqueRgb(picture.rgba));
  expect(onGpu?.length).toBe(42 * 32 * 3);
  expect(psnrDb(onGpu ?? [], onCpu ?? [])).toBeGreaterThan(40);
});
