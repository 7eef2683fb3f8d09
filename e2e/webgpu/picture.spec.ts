import type { Page } from '@playwright/test';
import type { Manifest } from '#core/models/manifest.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { SHIPPED, WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { expectGolden, goldenCase, makeGolden } from '../goldens.ts';
import { psnrDb } from '../pipeline-goldens.ts';

// The shaders of a whole pipeline are compiled and run on the CPU here.
test.setTimeout(400_000);

const SMALL = { widthPx: 64, heightPx: 64 };
const SMALL_SIZES: Manifest['sizes'] = { default: SMALL, multiplePx: 16, minPx: 64, maxPx: 320 };
const TWO_PROMPTS = ['a red apple', 'a blue car'].map((prompt) => ({ prompt, negativePrompt: '' }));

function drawTwo(page: Page, request: GenerateRequest, atOnce: 1 | 2) {
  return page.evaluate(
    async ({ asked, size }) => {
      const pictures: { together: number | null; rgb: number[] }[] = [];
      const outcome = await globalThis.kiln?.generate(
        asked,
        { device: 'webgpu', atOnce: size },
        async (event) => {
          if (event.kind !== 'picture') return;
          const { png, together = null } = event.picture;
          const bitmap = await createImageBitmap(new Blob([new Uint8Array(png)]));
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
          context?.drawImage(bitmap, 0, 0);
          const { data = [] } = context?.getImageData(0, 0, bitmap.width, bitmap.height) ?? {};
          pictures.push({ together, rgb: [...data].filter((_, i) => i % 4 < 3) });
        },
      );
      if (outcome?.outcome !== 'done') throw new Error(JSON.stringify(outcome));
      return pictures;
    },
    { asked: request, size: atOnce },
  );
}

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

  test('draws two pictures in one run of the network as it draws each alone', async ({
    studio,
    page,
    watch,
  }) => {
    // With an open batch, arithmetic on shapes runs on the CPU, and the runtime says so.
    watch.allow(/VerifyEachNodeIsAssignedToAnEp/);
    // The graphs take any size, and what is asked here holds at each: a small one is drawn in a fraction of the time.
    await page.route('**/models/starter/manifest.json', async (route) => {
      const response = await route.fetch();
      const manifest = (await response.json()) as Manifest;
      await route.fulfill({ response, json: { ...manifest, sizes: SMALL_SIZES } });
    });
    await studio.open();
    const { request } = goldenCase('starter-tall');
    const asked = { ...request, ...SMALL, steps: 1, count: 2, prompts: TWO_PROMPTS };
    const [together, apart] = [await drawTwo(page, asked, 2), await drawTwo(page, asked, 1)];
    expect(together.map((picture) => picture.together)).toEqual([2, 2]);
    expect(apart.map((picture) => picture.together)).toEqual([null, null]);
    for (const [i, { rgb }] of together.entries()) {
      expect(psnrDb(Uint8Array.from(rgb), Uint8Array.from(apart[i]!.rgb))).toBeGreaterThan(50);
    }
    const [first, second] = together.map(({ rgb }) => Uint8Array.from(rgb));
    expect(psnrDb(first!, second!)).toBeLessThan(40);
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
