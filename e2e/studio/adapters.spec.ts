/** Adapters in the form, as a person meets them. What they do to numbers is proven in e2e/lora. */
import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';
import { adapterFile } from '../lora-goldens.ts';
import { shownPixels, type Studio } from '../studio.ts';
import { expectAccessible } from '../accessible.ts';

const MODEL = 'Tiny Stable Diffusion';
const PROMPT = 'a red apple';

test.use({ baseURL: WITH_TINY });

interface File {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

function file(name: string, bytes: Uint8Array = adapterFile('tiny-sd-kohya')): File {
  return { name: `${name}.safetensors`, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) };
}

/** The golden adapter under another header. */
function rewritten(change: (header: Record<string, unknown>) => Record<string, unknown>): Uint8Array {
  const bytes = Buffer.from(adapterFile('tiny-sd-kohya'));
  const length = Number(bytes.readBigUInt64LE());
  const header: Record<string, unknown> = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  const json = Buffer.from(JSON.stringify(change(header)));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([size, json, bytes.subarray(8 + length)]);
}

function withNotes(notes: Record<string, string>): Uint8Array {
  return rewritten((header) => ({ ...header, __metadata__: notes }));
}

const STYLE = withNotes({
  ss_output_name: '<img src=x onerror="globalThis.pwn=1">',
  'modelspec.trigger_phrase': 'flat style',
});

function add(page: Page, ...files: File[]): Promise<void> {
  return page.getByLabel('Adapter files').setInputFiles(files);
}

function switchOf(page: Page, name: string): Locator {
  return page.getByRole('switch', { name, exact: true });
}

function weightOf(page: Page, name: string): Locator {
  return page.getByRole('spinbutton', { name: `Weight of ${name}`, exact: true });
}

async function open(studio: Studio): Promise<void> {
  await studio.open(MODEL);
  await studio.field('Steps').fill('2');
  const lock = studio.page.getByRole('button', { name: 'Lock seed' });
  if ((await lock.getAttribute('aria-pressed')) !== 'true') await lock.click();
}

test('weight 1 is another picture, weight 0 and off are the base bit for bit', async ({ studio, page }) => {
  await open(studio);
  await studio.makePicture(PROMPT);
  const base = await shownPixels(studio, PROMPT);
  await add(page, file('style'));
  await expect(switchOf(page, 'style')).toBeChecked();
  await expect(
    page.getByText('1 adapter on, rank 4 together. The model is opened with room for 8.'),
  ).toBeVisible();

  await studio.makePicture(PROMPT);
  await expect.poll(() => shownPixels(studio, PROMPT)).not.toEqual(base);
  const styled = await shownPixels(studio, PROMPT);
  await weightOf(page, 'style').fill('0');
  await studio.makePicture(PROMPT);
  await expect.poll(() => shownPixels(studio, PROMPT)).toEqual(base);
  await weightOf(page, 'style').fill('1');
  await studio.makePicture(PROMPT);
  await expect.poll(() => shownPixels(studio, PROMPT)).toEqual(styled);
  await switchOf(page, 'style').click();
  await studio.makePicture(PROMPT);
  await expect.poll(() => shownPixels(studio, PROMPT)).toEqual(base);
});

test('a tag and the list are one, and a recalled picture applies it once', async ({ studio, page }) => {
  await open(studio);
  await add(page, file('style'), file('other', adapterFile('tiny-sd-peft')));
  await expect(switchOf(page, 'other')).not.toBeChecked();
  const tagged = `${PROMPT} <lora:style:0.8>`;
  await studio.prompt.fill(tagged);
  await expect(switchOf(page, 'style')).toBeChecked();
  await expect(weightOf(page, 'style')).toHaveValue('0.8');
  await weightOf(page, 'style').fill('1.5');
  await expect(studio.prompt).toHaveValue(`${PROMPT} <lora:style:1.5>`);

  const prompt = `${PROMPT} <lora:style:1.5>`;
  await studio.makePicture(prompt);
  const made = await shownPixels(studio, prompt);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  const png = readFileSync(await (await downloading).path());
  expect(png.toString('latin1').match(/Lora hashes: "style: [0-9a-f]{12}"/g)).toHaveLength(1);

  await studio.prompt.fill('something else');
  await switchOf(page, 'other').click();
  await drop(page, { name: 'made.png', mimeType: 'image/png', buffer: png });
  await page.getByRole('dialog').getByRole('button', { name: 'Use settings' }).click();
  await expect(studio.prompt).toHaveValue(prompt);
  await expect(switchOf(page, 'other')).not.toBeChecked();
  await expect(page.getByText(/^1 adapter on, rank 4 together/)).toBeVisible();
  await page.getByRole('button', { name: 'Delete' }).click();
  // The next picture is counted from what is left.
  await expect.poll(() => studio.pictureCount()).toBe(0);
  await studio.makePicture(prompt);
  await expect.poll(() => shownPixels(studio, prompt)).toEqual(made);

  await page.getByRole('button', { name: 'About style' }).click();
  await page.getByRole('button', { name: 'Remove style' }).click();
  await expect(studio.prompt).toHaveValue(`${PROMPT} `);
  await drop(page, { name: 'made.png', mimeType: 'image/png', buffer: png });
  await page.getByRole('dialog').getByRole('button', { name: 'Use settings' }).click();
  const messages = page.getByRole('complementary', { name: 'Messages' });
  await expect(messages).toContainText('The adapter “style” is not here: add its file.');
  await page.getByRole('button', { name: 'Take style off' }).click();
  await expect(studio.prompt).toHaveValue(`${PROMPT} `);
});

test('what does not fit or is no LoRA says so, and is never sent', async ({ studio, page }) => {
  await open(studio);
  await studio.prompt.fill(PROMPT);
  await add(page, file('foreign', withNotes({ 'kiln.family': 'tiny-flow' })));
  await expect(
    page.getByText('foreign is for Tiny Stable Diffusion 3; the loaded model is Tiny Stable Diffusion.'),
  ).toBeVisible();
  await expect(switchOf(page, 'foreign')).toBeDisabled();
  // One whose file does not say what it is for, by its shapes.
  await add(page, file('wide', adapterFile('tiny-sdxl-diffusers')));
  await expect(page.getByText(/^wide does not fit Tiny Stable Diffusion: /)).toBeVisible();
  await expect(switchOf(page, 'wide')).toBeDisabled();
  const dora = rewritten(({ ...header }) => {
    const [key, value] = Object.entries(header).find(([name]) => name.endsWith('.alpha'))!;
    delete header[key];
    return { ...header, [key.replace('.alpha', '.dora_scale')]: value };
  });
  await add(page, file('dora', dora));
  await expect(studio.alert).toContainText('dora changes the model by DoRA');
  await page.getByRole('button', { name: 'Dismiss', exact: true }).last().click();
  await drop(page, file('page', new TextEncoder().encode('<!doctype html><title>Log in</title>')));
  await expect(studio.alert).toContainText('page was not kept');
  await expect(page.getByRole('switch')).toHaveCount(2);
  await studio.makePicture(PROMPT);
});

test('the words of a stranger are text, and a trigger word goes in with a click', async ({
  studio,
  page,
}) => {
  await open(studio);
  await studio.prompt.fill(PROMPT);
  await add(page, file('style', STYLE));
  await page.getByRole('button', { name: 'flat style' }).click();
  await expect(studio.prompt).toHaveValue(`${PROMPT}, flat style`);
  await page.getByRole('button', { name: 'About style' }).click();
  await expect(page.getByText('<img src=x onerror="globalThis.pwn=1">')).toBeVisible();
  expect(await page.evaluate(() => 'pwn' in globalThis)).toBe(false);
  await page.getByRole('spinbutton', { name: 'Text-encoder weight of style' }).fill('0.25');
  await expect(weightOf(page, 'style')).toHaveValue('1');
  await page.getByRole('button', { name: 'Remove style' }).click();
  await expect(page.getByRole('switch')).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(switchOf(page, 'style')).toBeChecked();
  await page.reload();
  await expect(switchOf(page, 'style')).toBeChecked();
  await expect(weightOf(page, 'style')).toHaveValue('1');
});

test('the proof: the same seed with and without, by the keyboard alone', async ({ studio, page }) => {
  await open(studio);
  await add(page, file('style'));
  await studio.prompt.fill(PROMPT);
  await studio.prompt.focus();
  await tabTo(page, switchOf(page, 'style'));
  await page.keyboard.press('Space');
  await expect(switchOf(page, 'style')).not.toBeChecked();
  await page.keyboard.press('Space');
  await tabTo(page, weightOf(page, 'style'));
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('-1');
  await tabTo(page, page.getByRole('button', { name: 'Same seed, with and without' }));
  await page.keyboard.press('Enter');
  const pictures = ['without adapters', 'with adapters'].map((side) =>
    page.getByRole('img', { name: `${PROMPT}, ${side}`, exact: true }),
  );
  for (const picture of pictures) await expect(picture).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('dialog').getByText('<lora:style:-1>')).toBeVisible();
  const [without, adapted] = await Promise.all(pictures.map(pixels));
  expect(without).not.toEqual(adapted);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  expect(await studio.pictureCount()).toBe(0);
});

test('the section and the proof have no accessibility fault', async ({ studio, page }) => {
  await open(studio);
  await add(page, file('style', STYLE));
  await expect(switchOf(page, 'style')).toBeChecked();
  await add(page, file('foreign', withNotes({ 'kiln.family': 'tiny-flow' })));
  await expect(switchOf(page, 'foreign')).toBeDisabled();
  await add(page, file('broken', new Uint8Array(16)));
  await expect(studio.alert).toContainText('broken was not kept');
  await page.getByRole('button', { name: 'About style' }).click();
  await studio.prompt.fill(`${PROMPT} <lora:nobody:1>`);
  await expectAccessible(page, 'section');
  await studio.prompt.fill(PROMPT);
  await page.getByRole('button', { name: 'Same seed, with and without' }).click();
  const styled = page.getByRole('img', { name: `${PROMPT}, with adapters`, exact: true });
  await expect(styled).toBeVisible({ timeout: 60_000 });
  await expectAccessible(page, 'proof');
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(switchOf(page, 'style')).toBeVisible();
  await expectAccessible(page, 'sheet');
});

/** Lets a file fall on the page, as the system hands it over. */
async function drop(page: Page, { name, mimeType, buffer }: File): Promise<void> {
  const data = await page.evaluateHandle(
    (given) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(given.numbers)], given.name, { type: given.type }));
      return transfer;
    },
    { numbers: [...buffer], name, type: mimeType },
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
}

async function tabTo(page: Page, what: Locator): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab');
    if (await what.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`40 tabs did not reach ${what.toString()}.`);
}

function pixels(picture: Locator): Promise<number[]> {
  return picture.evaluate((img: HTMLImageElement) => {
    const context = new OffscreenCanvas(img.naturalWidth, img.naturalHeight).getContext('2d');
    context?.drawImage(img, 0, 0);
    return [...(context?.getImageData(0, 0, img.naturalWidth, img.naturalHeight).data ?? [])];
  });
}
