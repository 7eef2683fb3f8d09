/** Runs a golden case in the browser, through the studio's own automation, and holds it to the reference. */
import { expect, type Page } from '@playwright/test';
import type { DeviceKind } from '#engine/api.ts';
import {
  deviation,
  type GoldenCase,
  goldenCases,
  goldenInput,
  goldenLatents,
  goldenPicture,
  opaqueRgb,
  psnrDb,
  relativeError,
} from './pipeline-goldens.ts';

interface Made {
  outcome: string;
  device: string;
  latents: number[][];
  rgba: number[];
}

export function goldenCase(id: string): GoldenCase {
  const found = [...goldenCases(), ...goldenCases('starter'), ...goldenCases('sources')].find(
    (golden) => golden.id === id,
  );
  if (found === undefined) throw new Error(`There is no golden case "${id}".`);
  return found;
}

/** On the GPU, graphs of which any node would run on the CPU are refused. */
export async function makeGolden(page: Page, golden: GoldenCase, device: DeviceKind): Promise<Made> {
  const asked = await withInputs(page, golden);
  return page.evaluate(
    async ({ request, device: kind }) => {
      const made = { outcome: '', device: '', latents: [] as number[][], rgba: [] as number[] };
      const outcome = await globalThis.kiln?.generate(
        request,
        { device: kind, strictGpu: kind === 'webgpu', trace: true },
        async (event) => {
          if (event.kind === 'trace') made.latents[event.step] = [...event.latent];
          if (event.kind !== 'picture') return;
          made.device = event.picture.device;
          const bitmap = await createImageBitmap(new Blob([new Uint8Array(event.picture.png)]));
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
          context?.drawImage(bitmap, 0, 0);
          made.rgba = [...(context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [])];
        },
      );
      made.outcome = outcome === undefined ? 'no studio' : JSON.stringify(outcome);
      return made;
    },
    { request: asked, device },
  );
}

/** The request of a case with the files that it starts from, as the studio keeps them. */
async function withInputs(page: Page, golden: GoldenCase): Promise<GoldenCase['request']> {
  const { request } = golden;
  const { init } = request;
  if (init === undefined) return request;
  const keep = async (name: 'init' | 'mask'): Promise<string> => {
    const input = goldenInput(golden, name)!;
    const given = { ...input, data: [...input.data] };
    const kept = await page.evaluate(async ({ data, widthPx, heightPx }) => {
      const canvas = new OffscreenCanvas(widthPx, heightPx);
      const pixels = new ImageData(new Uint8ClampedArray(data), widthPx, heightPx);
      canvas.getContext('2d')?.putImageData(pixels, 0, 0);
      const file = await canvas.convertToBlob();
      return globalThis.kiln?.addInput(new Uint8Array(await file.arrayBuffer()));
    }, given);
    if (!kept?.ok) throw new Error('The input was not kept.');
    return kept.sha256;
  };
  const { mask, ...plain } = init;
  const sha256 = await keep('init');
  const masked = mask === undefined ? {} : { mask: { ...mask, sha256: await keep('mask') } };
  return { ...request, init: { ...plain, sha256, ...masked } };
}

/** Latents of every step to 1e-3, the picture to 40 dB, and contrast enough for that to mean something. */
export function expectGolden(made: Made, golden: GoldenCase, device: DeviceKind): void {
  expect(made.outcome).toBe('{"outcome":"done","pictures":1}');
  expect(made.device).toBe(device);
  for (const [i, expected] of goldenLatents(golden).entries()) {
    expect(relativeError(made.latents[i + 1] ?? [], expected), `latent after step ${i + 1}`).toBeLessThan(
      1e-3,
    );
  }
  const rgb = opaqueRgb(made.rgba);
  expect(psnrDb(rgb, goldenPicture(golden))).toBeGreaterThan(40);
  expect(deviation(rgb)).toBeGreaterThan(40);
}
