/** Adapters on WebGPU, with every node on the GPU and A and B in buffers of the worker. */
import { addAdapter, addAdaptersOf, expectAdapted, makeWith } from '../adapters.ts';
import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { baseOf, loraCase, requestOf } from '../lora-goldens.ts';
import { opaqueRgb, psnrDb, relativeError } from '../pipeline-goldens.ts';
import { wordCase, wordFile, wordRequest, wordResult } from '../word-goldens.ts';

test.use({ baseURL: WITH_TINY });
// The shaders of a whole pipeline are compiled and run on the CPU here.
test.setTimeout(600_000);

for (const id of ['sdxl-three', 'flow-diffusers']) {
  test(`${id} on WebGPU: the picture is the reference's, and not that without`, async ({ studio, page }) => {
    await studio.open('Tiny plain');
    await expectAdapted(page, loraCase(id), 'webgpu');
  });
}

test('sd-locon on WebGPU is the reference, swapped for three, its weight 0 is the base, and a new word is read', async ({
  studio,
  page,
}) => {
  await studio.open('Tiny plain');
  const golden = loraCase('sd-locon');
  const { request } = baseOf(golden);
  const base = await makeWith(page, golden, request, 'webgpu');
  await expectAdapted(page, golden, 'webgpu');
  await expectAdapted(page, loraCase('sd-three'), 'webgpu');
  await addAdaptersOf(page, golden);
  // Back to no adapter: weight 0 clears the same buffers.
  const zero = requestOf(golden).adapters!.map((use) => ({ ...use, textWeight: 0, denoiserWeight: 0 }));
  expect(await makeWith(page, golden, { ...request, adapters: zero }, 'webgpu')).toEqual(base);

  // The same model, and a word that its vocabulary does not have.
  const said = wordCase('sd-field');
  for (const file of said.words) {
    expect(await addAdapter(page, wordFile(file), `${file}.safetensors`)).toBe(file);
  }
  const worded = await makeWith(page, golden, wordRequest(said), 'webgpu');
  expect(relativeError(worded.latents.at(-1) ?? [], wordResult(said).latent)).toBeLessThan(1e-3);
  expect(psnrDb(opaqueRgb(worded.rgba), wordResult(said).picture)).toBeGreaterThan(40);
});
