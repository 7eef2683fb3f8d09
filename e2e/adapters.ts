/** Adapters in the browser: added through the studio's own automation, held to `diffusers` with `peft`. */
import { expect, type Page } from '@playwright/test';
import type { DeviceKind } from '#engine/api.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { makeGolden } from './goldens.ts';
import { adapterFile, baseOf, goldenResult, type LoraCase, requestOf } from './lora-goldens.ts';
import { goldenPicture, opaqueRgb, psnrDb, relativeError } from './pipeline-goldens.ts';

/** @returns what the studio answered: the card's name, or the failure's code */
export function addAdapter(page: Page, bytes: Uint8Array, fileName: string): Promise<string> {
  return page.evaluate(
    async ({ numbers, name }) => {
      const added = await globalThis.kiln!.addAdapter(Uint8Array.from(numbers), name);
      return added.ok ? added.card.name : added.failure.code;
    },
    { numbers: [...bytes], name: fileName },
  );
}

export function adaptersOf(page: Page): Promise<string[]> {
  return page.evaluate(async () => (await globalThis.kiln!.adapters()).map(({ name }) => name));
}

export async function addAdaptersOf(page: Page, golden: LoraCase): Promise<void> {
  for (const { file } of golden.adapters)
    expect(await addAdapter(page, adapterFile(file), `${file}.safetensors`)).toBe(file);
}

export function makeWith(page: Page, golden: LoraCase, request: GenerateRequest, device: DeviceKind) {
  return makeGolden(page, { ...baseOf(golden), request }, device);
}

/** With its adapters the reference's picture, which is not the reference's without them. */
export async function expectAdapted(page: Page, golden: LoraCase, device: DeviceKind): Promise<void> {
  await addAdaptersOf(page, golden);
  const { latent, picture } = goldenResult(golden);
  const made = await makeWith(page, golden, requestOf(golden), device);
  expect(made.outcome).toBe('{"outcome":"done","pictures":1}');
  expect(made.device).toBe(device);
  expect(relativeError(made.latents.at(-1) ?? [], latent)).toBeLessThan(1e-3);
  expect(psnrDb(opaqueRgb(made.rgba), picture)).toBeGreaterThan(40);
  expect(psnrDb(opaqueRgb(made.rgba), goldenPicture(baseOf(golden)))).toBeLessThan(25);
}
