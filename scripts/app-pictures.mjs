// @ts-check
/**
 * Draws the pictures of the app: icons from public/favicon.svg, and with `--screenshots` the studio at work, from
 * the last build. Run by hand when the mark or the looks change; the PNGs are committed.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBrowser, FLAGS } from './browser.mjs';
import { ROOT } from './run.mjs';
import { main } from './sentence.mjs';
import { serve } from './serve.mjs';

const PUBLIC = path.join(ROOT, 'public');
/** Of a maskable icon only a circle of 80 % is sure to be seen: the mark keeps inside it, the ground fills the rest. */
const MASKABLE_SCALE = 0.72;
const PROMPT = 'a red apple on a blue background';

await main(async () => {
  const { chromium } = await import('@playwright/test');
  const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: FLAGS });
  try {
    await drawIcons(browser);
    if (process.argv.includes('--screenshots')) await takeScreenshots(browser);
  } finally {
    await browser.close();
  }
});

/** @param {import('@playwright/test').Browser} browser */
async function drawIcons(browser) {
  mkdirSync(path.join(PUBLIC, 'icons'), { recursive: true });
  const svg = readFileSync(path.join(PUBLIC, 'favicon.svg'), 'utf8');
  const ground = /<rect [^>]*fill="([^"]+)"/.exec(svg)?.[1] ?? 'black';
  const page = await browser.newPage();
  const draw = async (
    /** @type {string} */ name,
    /** @type {number} */ side,
    /** @type {string} */ style,
  ) => {
    await page.setViewportSize({ width: side, height: side });
    await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw}${style}</style>${svg}`);
    await page.screenshot({ path: path.join(PUBLIC, 'icons', name), omitBackground: true });
  };
  await draw('192.png', 192, '');
  await draw('512.png', 512, '');
  const mark = Math.round(512 * MASKABLE_SCALE);
  const margin = (512 - mark) / 2;
  await draw('maskable-512.png', 512, `html{background:${ground}}svg{width:${mark}px;margin:${margin}px}`);
  await page.close();
}

/** @param {import('@playwright/test').Browser} browser */
async function takeScreenshots(browser) {
  mkdirSync(path.join(PUBLIC, 'screenshots'), { recursive: true });
  const server = await serve({ port: 0 });
  try {
    const context = await browser.newContext({ serviceWorkers: 'block', colorScheme: 'dark' });
    const page = await context.newPage();
    for (const [name, width, height] of /** @type {const} */ ([
      ['wide', 1280, 800],
      ['narrow', 390, 844],
    ])) {
      await page.setViewportSize({ width, height });
      await page.goto(server.url);
      await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill(PROMPT);
      await page.getByRole('button', { name: 'Generate', exact: true }).click();
      const picture = page.getByRole('article').getByRole('img', { name: PROMPT, exact: true });
      await picture.waitFor({ timeout: 120_000 });
      await page.mouse.move(0, 0);
      await page.waitForTimeout(500);
      await page.screenshot({ path: path.join(PUBLIC, 'screenshots', `${name}.png`) });
    }
    await context.close();
  } finally {
    await server.close();
  }
}
