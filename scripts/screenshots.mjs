// @ts-check
/**
 * Pictures of every state of the studio, in both themes and three widths, on one page: screenshots/index.html.
 * From the last build. A new state is a row of `STATES`; `npm run screenshots -- NAME …` takes only those.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBrowser, FLAGS } from './browser.mjs';
import { ROOT } from './run.mjs';
import { main } from './sentence.mjs';
import { serve } from './serve.mjs';

const OUT = path.join(ROOT, 'screenshots');
/** From the widest: what hangs from a button that only a wide header has is gone on a narrow one. */
const WIDTHS = [1440, 820, 390];
const THEMES = /** @type {const} */ (['light', 'dark']);
const PROMPT = 'a red apple on a blue background';
const PATIENCE_MS = 120_000;

/** @typedef {import('@playwright/test').Page} Page */

/** @param {Page} page */
const prompt = (page) => page.getByRole('textbox', { name: 'Prompt', exact: true });
/** @param {Page} page @param {string} name */
const press = (page, name) => page.getByRole('button', { name, exact: true }).first().click();
/** @param {Page} page @param {string} title */
async function command(page, title) {
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('combobox', { name: 'Find a command' }).fill(title);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Find a command' }).waitFor({ state: 'detached' });
}
/** @param {Page} page */
async function makePicture(page) {
  if ((await page.getByRole('article', { name: 'Picture' }).count()) > 0) return;
  await prompt(page).fill(PROMPT);
  await press(page, 'Generate');
  await page.getByRole('article').getByRole('img', { name: PROMPT, exact: true }).waitFor();
}

/**
 * What stands on the screen, and how one gets there: each from a fresh page, with the pictures of those before it.
 * @type {Record<string, (page: Page) => Promise<unknown>>}
 */
const STATES = {
  'first run': async () => {},
  'prompt missing': (page) => press(page, 'Generate'),
  'list missing': async (page) => {
    await prompt(page).fill('a __beast__ on a hill');
    await press(page, 'Generate');
  },
  picture: makePicture,
  'contact sheet': async (page) => {
    await prompt(page).fill(PROMPT);
    await page.getByLabel('Pictures', { exact: true }).fill('4');
    await press(page, 'Generate');
    await page.getByRole('button', { name: /^Open picture 4/ }).waitFor();
    await page.getByRole('button', { name: 'Generate', exact: true }).waitFor();
  },
  'picture menu': async (page) => {
    await makePicture(page);
    await press(page, 'More');
    await page.getByRole('menu').waitFor();
  },
  export: async (page) => {
    await makePicture(page);
    await page.keyboard.press('ControlOrMeta+Shift+s');
    await page.getByRole('dialog').waitFor();
  },
  'model out of reach': async (page) => {
    await page.route('**/models/starter/manifest.json', (route) => route.abort());
    await page.reload();
    await page.getByRole('alert').first().waitFor();
  },
  palette: async (page) => {
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('dialog').waitFor();
  },
  shortcuts: (page) => command(page, 'Keyboard shortcuts'),
  styles: (page) => command(page, 'Styles'),
  lists: (page) => command(page, 'Lists of words'),
  'earlier prompts': (page) => command(page, 'Earlier prompts'),
  models: (page) => command(page, 'Models'),
  gallery: async (page) => {
    await makePicture(page);
    await command(page, 'Gallery');
    await page.getByRole('option').first().waitFor();
  },
  'gallery selection': async (page) => {
    await makePicture(page);
    await command(page, 'Gallery');
    await page
      .getByRole('option')
      .first()
      .click({ modifiers: ['ControlOrMeta'] });
    await page.getByRole('region', { name: 'Selected pictures' }).waitFor();
  },
  'mask stage': async (page) => {
    await makePicture(page);
    await press(page, 'More');
    await page.getByRole('menuitem', { name: 'Edit with a mask' }).click();
    const mask = page.getByRole('application', { name: 'Mask' });
    await mask.focus();
    await mask.press('Space');
    for (let k = 0; k < 4; k++) await mask.press('ArrowRight');
    await mask.press('Space');
  },
  'live paint': async (page) => {
    await prompt(page).fill('a red apple');
    await command(page, 'Live paint');
    const sketch = page.getByRole('application', { name: 'Sketch' });
    await sketch.focus();
    for (let k = 0; k < 4; k++) await sketch.press(']');
    await sketch.press('Space');
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowLeft', 'ArrowUp'])
      await sketch.press(key);
    await sketch.press('Space');
    await page.getByText('Up to date.').waitFor();
    await page.getByRole('figure').getByRole('img').waitFor();
  },
  grid: async (page) => {
    await prompt(page).fill(PROMPT);
    await command(page, 'X/Y/Z grid');
    await page.getByRole('heading', { name: 'X/Y/Z grid' }).waitFor();
  },
  'blind test': async (page) => {
    await command(page, 'Blind A/B test');
    await page.getByRole('button', { name: 'Begin the test' }).waitFor();
  },
  compare: async (page) => {
    await makePicture(page);
    await command(page, 'Compare pictures');
    await page.getByRole('heading').first().waitFor();
  },
  kits: async (page) => {
    await command(page, 'Kits');
    await page.getByRole('heading').nth(1).waitFor();
  },
  captions: async (page) => {
    await command(page, 'Captions of a folder');
    await page.getByRole('heading').nth(1).waitFor();
  },
  network: async (page) => {
    await page.getByRole('button', { name: /^Network/ }).click();
    await page.getByRole('dialog').waitFor();
  },
  device: (page) => page.getByRole('button', { name: /^Device/ }).click(),
};

await main(async () => {
  const asked = process.argv.slice(2);
  const names = Object.keys(STATES).filter((name) => asked.length === 0 || asked.includes(name));
  if (names.length === 0)
    throw new Error(`There is no such state. There are: ${Object.keys(STATES).join(', ')}.`);
  const { chromium } = await import('@playwright/test');
  mkdirSync(OUT, { recursive: true });
  const server = await serve({ port: 0 });
  const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: FLAGS });
  /** @type {string[]} */
  const faults = [];
  try {
    const context = await browser.newContext({ serviceWorkers: 'block', reducedMotion: 'reduce' });
    context.setDefaultTimeout(PATIENCE_MS);
    for (const name of names) {
      const page = await context.newPage();
      try {
        // What only a narrow screen shows is fetched once before it is looked at.
        await page.setViewportSize({ width: 390, height: 844 });
        await page.goto(server.url, { waitUntil: 'networkidle' });
        await page.setViewportSize({ width: 1440, height: 900 });
        await page.getByRole('button', { name: 'Generate', exact: true }).waitFor();
        await STATES[name]?.(page);
        await page.mouse.move(0, 0);
        await shoot(page, name);
        console.log(name);
      } catch (error) {
        const [reason] = String(error).split('\n');
        faults.push(`${name}: ${reason}`);
        console.error(`${name} could not be reached: ${reason}`);
      } finally {
        await page.close();
      }
    }
  } finally {
    await browser.close();
    await server.close();
  }
  writeFileSync(path.join(OUT, 'index.html'), galleryPage(names, faults));
  console.log(`\n${path.join(OUT, 'index.html')}`);
  if (faults.length > 0) process.exitCode = 1;
});

/** @param {Page} page @param {string} name */
async function shoot(page, name) {
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
      await page.evaluate(async () => {
        await document.fonts.ready;
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      });
      await page.screenshot({ path: path.join(OUT, fileName(name, theme, width)) });
    }
  }
}

/** @param {string} name @param {string} theme @param {number} width */
function fileName(name, theme, width) {
  return `${name.replaceAll(' ', '-')}-${theme}-${width}.png`;
}

/** @param {string[]} names @param {string[]} faults */
function galleryPage(names, faults) {
  const rows = names.map((name) => {
    const pictures = THEMES.flatMap((theme) =>
      WIDTHS.map((width) => {
        const file = fileName(name, theme, width);
        return `<a href="${file}"><img loading="lazy" src="${file}" alt="${name}, ${theme}, ${width} pixels wide" style="width:${width / 4}px"></a>`;
      }),
    );
    return `<h2>${name}</h2><div>${pictures.join('')}</div>`;
  });
  const missing = faults
    .map((fault) => `<li>${fault.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</li>`)
    .join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Every state of the studio</title>
<style>body{font:14px system-ui;margin:24px;background:#888}h2{margin:24px 0 8px}div{display:flex;flex-wrap:wrap;gap:8px;align-items:start}img{display:block}</style>
<h1>Every state of the studio</h1>${missing === '' ? '' : `<ul>${missing}</ul>`}${rows.join('\n')}</html>
`;
}
