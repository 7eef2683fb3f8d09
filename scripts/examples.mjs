// @ts-check
/**
 * `npm run examples`: draws the pictures of the empty stage anew with the model that ships, as src/ui/examples.json
 * lists them, and notes the weights that drew them. Once after the weights have changed.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureBrowser, FLAGS } from './browser.mjs';
import { ROOT, run } from './run.mjs';
import { main, Sentence } from './sentence.mjs';

const LIST = path.join(ROOT, 'src/ui/examples.json');
const OUT = path.join(ROOT, 'public/examples');
const QUALITY = 0.8;

await main(async () => {
  /** @type {{ model: string, weights: string, pictures: { file: string, prompt: string, seed: number }[] }} */
  const examples = JSON.parse(readFileSync(LIST, 'utf8'));
  const drawn = mkdtempSync(path.join(tmpdir(), 'kiln-examples-'));
  const { chromium } = await import('@playwright/test');
  const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: FLAGS });
  try {
    mkdirSync(OUT, { recursive: true });
    const page = await browser.newPage();
    let bytes = 0;
    for (const { file, prompt, seed } of examples.pictures) {
      const png = path.join(drawn, `${file}.png`);
      const asked = [
        prompt,
        '--model',
        examples.model,
        '--seed',
        String(seed),
        '--device',
        'cpu',
        '--out',
        png,
      ];
      const code = await run(process.execPath, [path.join(ROOT, 'scripts/generate.mjs'), ...asked]);
      if (code !== 0) throw new Sentence(`“${prompt}” could not be drawn.`);
      const webp = await toWebp(page, readFileSync(png));
      writeFileSync(path.join(OUT, `${file}.webp`), webp);
      bytes += webp.length;
    }
    writeFileSync(
      LIST,
      readFileSync(LIST, 'utf8').replace(/"weights": "\w*"/, `"weights": "${weightsOf(examples.model)}"`),
    );
    console.log(`${examples.pictures.length} pictures, ${bytes} bytes together.`);
  } finally {
    await browser.close();
    rmSync(drawn, { recursive: true });
  }
});

/**
 * The sha256 of the weights that draw, as `ExamplePictures` compares it.
 * @param {string} model
 */
function weightsOf(model) {
  const manifest = JSON.parse(readFileSync(path.join(ROOT, 'public/models', model, 'manifest.json'), 'utf8'));
  const [variant] = manifest.parts[manifest.denoiser.part].variants;
  return manifest.files[variant.weights[0]].sha256;
}

/**
 * @param {import('@playwright/test').Page} page
 * @param {Buffer} png
 * @returns {Promise<Buffer>}
 */
async function toWebp(page, png) {
  const base64 = await page.evaluate(
    async ({ source, quality }) => {
      const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${source}`)).blob());
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
      const blob = await canvas.convertToBlob({ type: 'image/webp', quality });
      return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
    },
    { source: png.toString('base64'), quality: QUALITY },
  );
  return Buffer.from(base64, 'base64');
}
