/** The shipped worker on the CPU path against `diffusers`; every other case runs in the unit tests. */
import { SHIPPED, WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { expectGolden, goldenCase, makeGolden } from '../goldens.ts';
import { opaqueRgb, psnrDb, goldenPicture, wrongRequests } from '../pipeline-goldens.ts';

test.use({ baseURL: WITH_TINY });

for (const id of [
  'tiny-sd-euler',
  'tiny-sdxl-dpmpp-2m-karras',
  'tiny-flow-euler',
  'tiny-lcm-guided',
  'tiny-sd-img2img-euler',
  'tiny-flow-inpaint-euler',
]) {
  test(`${id}: every latent and the picture are the reference's`, async ({ studio, page }) => {
    await studio.open('Tiny plain');
    const golden = goldenCase(id);
    expectGolden(await makeGolden(page, golden, 'cpu'), golden, 'cpu');
  });
}

test('a wrong seed, sampler or prompt does not pass for the reference', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  const golden = goldenCase('tiny-sd-euler');
  for (const change of wrongRequests(golden)) {
    const made = await makeGolden(page, { ...golden, request: { ...golden.request, ...change } }, 'cpu');
    expect(psnrDb(opaqueRgb(made.rgba), goldenPicture(golden)), JSON.stringify(change)).toBeLessThan(25);
  }
});

test('the same request gives the same bytes', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  const golden = goldenCase('tiny-sd-euler-a');
  const first = await makeGolden(page, golden, 'cpu');
  const second = await makeGolden(page, golden, 'cpu');
  expect(second).toEqual(first);
});

test.describe('the model that ships', () => {
  test.use({ baseURL: SHIPPED });

  for (const id of ['starter-square', 'starter-wide']) {
    test(`${id}: draws what torch draws with its weights`, async ({ studio, page }) => {
      await studio.open();
      const golden = goldenCase(id);
      expectGolden(await makeGolden(page, golden, 'cpu'), golden, 'cpu');
    });
  }
});
