import { SHIPPED, WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { expectGolden, goldenCase, makeGolden } from '../goldens.ts';

// The shaders of a whole pipeline are compiled and run on the CPU here.
test.setTimeout(400_000);

test.describe('the model that ships', () => {
  test.use({ baseURL: SHIPPED });

  test('draws on WebGPU, with no node on the CPU, what torch draws with its weights', async ({
    studio,
    page,
  }) => {
    await studio.open();
    const report = await page.evaluate(() => globalThis.kiln?.probe('webgpu'));
    expect(report?.gpu).toMatchObject({ vendor: 'google', architecture: 'swiftshader', software: true });
    const golden = goldenCase('starter-tall');
    expectGolden(await makeGolden(page, golden, 'webgpu'), golden, 'webgpu');
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
