/** The GPU path against `diffusers`: one case of each shape, with every node on the GPU. */
import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { expectGolden, goldenCase, makeGolden } from '../goldens.ts';
import { goldenPicture, opaqueRgb, psnrDb } from '../pipeline-goldens.ts';

test.use({ baseURL: WITH_TINY });
// The shaders of a whole pipeline are compiled and run on the CPU here.
test.setTimeout(400_000);

for (const id of ['tiny-sdxl-euler', 'tiny-flow-euler', 'tiny-sd-inpaint-euler']) {
  test(`${id} on WebGPU: every latent and the picture are the reference's`, async ({ studio, page }) => {
    await studio.open('Tiny plain');
    const golden = goldenCase(id);
    expectGolden(await makeGolden(page, golden, 'webgpu'), golden, 'webgpu');
  });
}

test("tiny-sd-euler on WebGPU is the reference's, and not that of another sampler", async ({
  studio,
  page,
}) => {
  await studio.open('Tiny plain');
  const report = await page.evaluate(() => globalThis.kiln?.probe('webgpu'));
  expect(report?.gpu).toMatchObject({ vendor: 'google', architecture: 'swiftshader', software: true });
  const golden = goldenCase('tiny-sd-euler');
  const made = await makeGolden(page, golden, 'webgpu');
  expectGolden(made, golden, 'webgpu');
  // That another seed, prompt or sampler is drawn otherwise is seen on the CPU, where a picture costs less.
  expect(psnrDb(opaqueRgb(made.rgba), goldenPicture(goldenCase('tiny-sd-heun')))).toBeLessThan(25);
});
