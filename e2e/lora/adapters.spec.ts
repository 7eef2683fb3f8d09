/** Adapters in the shipped worker on the CPU path; every other case runs in the unit tests. */
import { createHash } from 'node:crypto';
import { adaptersOf, addAdapter, addAdaptersOf, expectAdapted, makeWith } from '../adapters.ts';
import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { adapterFile, baseOf, listedAdapter, loraCase, requestOf, taggedRequestOf } from '../lora-goldens.ts';
import { wordFile } from '../word-goldens.ts';

test.use({ baseURL: WITH_TINY });

for (const id of ['sd-three', 'sd-locon', 'sdxl-ldm', 'flow-onetrainer']) {
  test(`${id}: the picture is the reference's, and not that without`, async ({ studio, page }) => {
    await studio.open('Tiny plain');
    await expectAdapted(page, loraCase(id), 'cpu');
  });
}

test('weight 0 and no adapter are the base, bit for bit', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  const golden = loraCase('sd-locon');
  const base = await makeWith(page, golden, baseOf(golden).request, 'cpu');
  await addAdaptersOf(page, golden);
  const adapted = requestOf(golden);
  const on = await makeWith(page, golden, adapted, 'cpu');
  expect(on.latents).not.toEqual(base.latents);
  const off = await makeWith(page, golden, baseOf(golden).request, 'cpu');
  const zero = adapted.adapters!.map((use) => ({ ...use, textWeight: 0, denoiserWeight: 0 }));
  const none = await makeWith(page, golden, { ...adapted, adapters: zero }, 'cpu');
  for (const made of [off, none]) expect(made).toEqual(base);
});

test('a picture names its adapters and its words as the field does', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  const golden = loraCase('sd-kohya');
  await addAdaptersOf(page, golden);
  const word = wordFile('inkwash');
  expect(await addAdapter(page, word, 'inkwash.safetensors')).toBe('inkwash');
  const [listed, tagged] = [requestOf(golden), taggedRequestOf(golden)];
  const texts = await page.evaluate(
    async (requests) => {
      const found: string[] = [];
      for (const request of requests) {
        await globalThis.kiln?.generate(request, { device: 'cpu' }, (event) => {
          if (event.kind === 'picture') found.push(event.picture.parameters);
        });
      }
      return found;
    },
    [listed, { ...tagged, prompt: `${tagged.prompt}, inkwash` }],
  );
  const { loraHash } = listedAdapter('tiny-sd-kohya');
  for (const text of texts) {
    expect(text).toContain(`Lora hashes: "tiny-sd-kohya: ${loraHash}"`);
    expect(text.match(/<lora:tiny-sd-kohya:1/g)).toHaveLength(1);
  }
  const digits = createHash('sha256').update(word).digest('hex').slice(0, 12);
  expect(texts.map((text) => text.includes(`TI hashes: "inkwash: ${digits}"`))).toEqual([false, true]);
});

test('adapters are kept over a reload, a file twice is one, and a name is nobody else’s', async ({
  studio,
  page,
}) => {
  await studio.open('Tiny plain');
  const [one, other] = [adapterFile('tiny-sd-kohya'), adapterFile('tiny-sd-old')];
  expect(await addAdapter(page, one, 'Style.safetensors')).toBe('Style');
  expect(await addAdapter(page, one, 'again.safetensors')).toBe('Style');
  expect(await addAdapter(page, other, 'style.safetensors')).toBe('style-2');
  await page.reload();
  await studio.open('Tiny plain');
  expect(await adaptersOf(page)).toEqual(['Style', 'style-2']);
});

test('hostile files are refused with a reason, and nothing is kept', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  const sound = adapterFile('tiny-sd-kohya');
  const changed = (change: (file: Uint8Array<ArrayBuffer>) => void) => {
    const file = sound.slice();
    change(file);
    return file;
  };
  const files: [string, Uint8Array][] = [
    ['nothing', new Uint8Array()],
    ['a page', new TextEncoder().encode('<!doctype html><title>Log in</title>')],
    ['a header of 2^64 - 1', changed((file) => file.fill(0xff, 0, 8))],
    ['cut short', sound.slice(0, sound.length - 100)],
    ['a zip behind it', Uint8Array.of(...sound, 0x50, 0x4b, 3, 4)],
    ['no UTF-8', changed((file) => file.fill(0xff, 20, 24))],
    // The last half of the data, as a half-precision NaN.
    ['values that are no numbers', changed((file) => file.fill(0xff, file.length - 64))],
  ];
  for (const [name, bytes] of files)
    expect(await addAdapter(page, bytes, `${name}.safetensors`), name).toBe('adapter-invalid');
  expect(await adaptersOf(page)).toEqual([]);
});
