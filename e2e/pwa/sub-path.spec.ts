/** The studio in a folder of a host that sends no header of its own, as on GitHub Pages. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT, run } from '../../scripts/run.mjs';
import { expect, test as base } from '../fixtures.ts';
import { putTinyModel } from './built.ts';
import { NetworkPanel } from './network-panel.ts';
import { type StaticHost, startStaticHost } from './static-host.ts';

const PORT = 4276;
const BASE = '/studio/';

let folder = '';
let host: StaticHost;

const test = base.extend({ baseURL: `http://localhost:${PORT}` });
test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  test.setTimeout(240_000);
  folder = mkdtempSync(path.join(tmpdir(), 'kiln-sub-path-'));
  const vite = path.join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const code = await run(
    process.execPath,
    [vite, 'build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'error'],
    { quiet: true, env: { KILN_BASE: BASE } },
  );
  expect(code).toBe(0);
  putTinyModel(folder);
  host = await startStaticHost(folder, { base: BASE, port: PORT });
});

test.afterAll(async () => {
  await host.close();
  rmSync(folder, { recursive: true });
});

test.describe('with its service worker', () => {
  test.use({ serviceWorkers: 'allow' });

  test('is isolated after one reload, makes a picture, and needs no host afterwards', async ({
    studio,
    page,
  }) => {
    let opened = 0;
    page.on('domcontentloaded', () => {
      opened += 1;
    });
    await page.goto(BASE);
    await page.waitForFunction(() => globalThis.crossOriginIsolated);
    await expect(studio.generateButton).toBeEnabled();
    expect(opened).toBe(2);
    await page.getByRole('button', { name: /^Device/ }).click();
    await expect(page.getByRole('dialog', { name: 'Device' })).toContainText(/IsolatedYes/);
    await page.keyboard.press('Escape');
    await studio.makePicture('a red apple');

    await new NetworkPanel(page).untilReady();
    await host.close();
    await page.reload();
    await studio.makePicture('a cat');
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(opened).toBe(3);
    host = await startStaticHost(folder, { base: BASE, port: PORT });
  });
});

test('without a service worker it has one thread, says so, and makes a picture', async ({ studio, page }) => {
  let opened = 0;
  page.on('domcontentloaded', () => {
    opened += 1;
  });
  await page.goto(BASE);
  await expect(studio.generateButton).toBeEnabled();
  await page.getByRole('button', { name: /^Device/ }).click();
  await expect(page.getByRole('dialog', { name: 'Device' })).toContainText('No, so one thread only');
  await page.keyboard.press('Escape');
  await studio.makePicture('a red apple');
  expect(opened).toBe(1);
});

test('the content policy holds without headers too', async ({ page, watch }) => {
  watch.allow(/Content Security Policy/, /TrustedHTML/);
  await page.goto(BASE);
  const reached = await page.evaluate(() =>
    fetch('https://example.com/').then(
      () => 'reached',
      () => 'refused',
    ),
  );
  expect(reached).toBe('refused');
  const written = await page.evaluate(() => {
    try {
      document.body.insertAdjacentHTML('beforeend', '<b>x</b>');
      return 'written';
    } catch (error) {
      return String(error);
    }
  });
  expect(written).toContain('TrustedHTML');
});
