import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import golden from '../goldens/captioner-tiny.json' with { type: 'json' };

// The shaders are compiled and run on the CPU here.
test.setTimeout(300_000);
test.use({ baseURL: WITH_TINY });

test('on WebGPU, with no node on the CPU, the tiny BLIP says what the reference says', async ({
  studio,
  page,
}) => {
  await studio.open();
  const picture = golden.pictures.find(({ name }) => name === 'wide')!;
  const said = await page.evaluate(async ({ rgb, widthPx, heightPx }) => {
    const bytes = Uint8Array.from(atob(rgb), (character) => character.charCodeAt(0));
    const rgba = new Uint8ClampedArray((bytes.length / 3) * 4).fill(255);
    for (let i = 0; i < bytes.length / 3; i++) rgba.set(bytes.subarray(3 * i, 3 * i + 3), 4 * i);
    const canvas = new OffscreenCanvas(widthPx, heightPx);
    canvas.getContext('2d')!.putImageData(new ImageData(rgba, widthPx, heightPx), 0, 0);
    const png = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    const options = { device: 'webgpu', strictGpu: true, model: 'tiny-blip' } as const;
    const tokens: number[][] = [];
    for (const way of [{ kind: 'greedy' }, { kind: 'beams', beams: 3 }] as const) {
      const outcome = await globalThis.kiln!.caption(png, { kind: 'caption', prefix: '', way }, options);
      if (outcome.outcome !== 'done' || outcome.described.answer.kind !== 'text')
        throw new Error(JSON.stringify(outcome));
      tokens.push([...outcome.described.answer.tokens]);
    }
    return tokens;
  }, picture);
  expect(said).toEqual([picture.greedy.slice(1), picture.beams3.slice(1)]);
});
