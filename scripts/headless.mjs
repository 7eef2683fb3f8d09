// @ts-check
/**
 * The built studio in a browser without a screen, driven through its automation API (src/automation.ts).
 * @import { Browser, Page } from '@playwright/test'
 * @import { Mounts } from './model-files.mjs'
 * @import { DeviceReport } from '../src/engine/api.ts'
 */
import os from 'node:os';
import path from 'node:path';
import { ensureBrowser, FLAGS, GPU_FLAGS, SOFTWARE_GPU_FLAGS } from './browser.mjs';
import { firstLine, Sentence } from './sentence.mjs';
import { PORT, serve, whoAnswers } from './serve.mjs';

/** Where the commands keep a library when nobody says otherwise. */
export const PROFILE = path.join(os.homedir(), '.kiln', 'profile');

/**
 * @typedef {object} Studio
 * @property {Browser} browser
 * @property {Page} page with `globalThis.kiln` on it
 * @property {string} url of the studio
 * @property {DeviceReport} report what the engine runs on
 * @property {() => Promise<void>} close
 */

/**
 * A studio in a fresh browser of which nothing is kept.
 * @param {{ device: 'auto' | 'webgpu' | 'cpu', mounts?: Mounts, folders?: Record<string, string> }} options
 * @returns {Promise<Studio>}
 */
export async function openStudio(options) {
  const { browser, ...studio } = await open(options);
  if (browser === null) throw new Error('a browser without a profile has a handle');
  return { ...studio, browser };
}

/**
 * A studio whose library is kept in a folder.
 * @param {{ device: 'auto' | 'webgpu' | 'cpu', mounts?: Mounts, profile: string }} options
 * @returns {Promise<Omit<Studio, 'browser'>>}
 */
export async function openKeptStudio(options) {
  const { browser: _, ...studio } = await open(options);
  return studio;
}

/**
 * @param {{ device: 'auto' | 'webgpu' | 'cpu', mounts?: Mounts, folders?: Record<string, string>, profile?: string }} options
 * @returns {Promise<Omit<Studio, 'browser'> & { browser: Browser | null }>}
 */
async function open({ device, profile, ...served }) {
  const executablePath = await ensureBrowser();
  const server = profile === undefined ? await serve({ port: 0, ...served }) : await serveAtHome(served);
  try {
    let opened = await openPage(executablePath, server.url, device === 'cpu' ? [] : GPU_FLAGS, profile);
    let report = await probe(opened.page, device);
    if (device === 'webgpu' && report.gpu === null) {
      await opened.end();
      opened = await openPage(executablePath, server.url, SOFTWARE_GPU_FLAGS, profile);
      report = await probe(opened.page, device);
      if (report.gpu !== null) {
        console.error('No GPU works in this browser: WebGPU is computed on the CPU (SwiftShader), slowly.');
      }
    }
    const { browser, page, end } = opened;
    const close = async () => {
      await end();
      await server.close();
    };
    return { browser, page, url: server.url, report, close };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/**
 * A library belongs to an address, so a kept one is always met at the studio's own.
 * @param {{ mounts?: Mounts, folders?: Record<string, string> }} served
 * @returns {ReturnType<typeof serve>}
 */
async function serveAtHome(served) {
  const answers = await whoAnswers(PORT);
  if (answers === 'free') return serve({ port: PORT, ...served });
  if (answers === 'studio' && !served.mounts?.size)
    return { url: `http://localhost:${PORT}/`, close: async () => {} };
  throw new Sentence(
    `Port ${PORT} is in use, and the library belongs to that address: end what runs there first.`,
  );
}

/**
 * @param {string} executablePath
 * @param {string} url
 * @param {string[]} flags
 * @param {string | undefined} profile
 * @returns {Promise<{ browser: Browser | null, page: Page, end: () => Promise<void> }>}
 */
async function openPage(executablePath, url, flags, profile) {
  const { chromium } = await import('@playwright/test');
  const options = { executablePath, args: [...FLAGS, ...flags], handleSIGINT: false };
  const cannotStart = (/** @type {unknown} */ error) => {
    throw new Sentence(`The browser ${executablePath} could not be started: ${firstLine(error)}`);
  };
  const kept =
    profile === undefined
      ? null
      : await chromium
          .launchPersistentContext(profile, { ...options, serviceWorkers: 'block' })
          .catch(cannotStart);
  const browser = kept === null ? await chromium.launch(options).catch(cannotStart) : null;
  const end = async () => {
    await kept?.close();
    await browser?.close();
  };
  // A fresh profile has nothing to keep the studio for offline: that would only fetch everything twice.
  const page = await (kept?.newPage() ?? browser?.newPage({ serviceWorkers: 'block' }));
  if (page === undefined) throw new Error('neither a browser nor a profile');
  await page.goto(url);
  const hasApi = await page
    .waitForFunction(() => globalThis.kiln !== undefined, null, { timeout: 30_000 })
    .catch(() => null);
  if (!hasApi) {
    await end();
    throw new Sentence(`The built studio did not start in ${executablePath}: it may be too old a browser.`);
  }
  return { browser, page, end };
}

/**
 * @param {Page} page
 * @param {'auto' | 'webgpu' | 'cpu'} device
 * @returns {Promise<DeviceReport>}
 */
function probe(page, device) {
  return page.evaluate((choice) => {
    if (!globalThis.kiln) throw new Error('no automation API');
    return globalThis.kiln.probe(choice);
  }, device);
}
