// @ts-check
/**
 * The built studio in a browser without a screen, driven through its automation API (src/automation.ts).
 * @import { Browser, Page } from '@playwright/test'
 * @import { Mounts } from './model-files.mjs'
 * @import { DeviceReport } from '../src/engine/api.ts'
 */
import { ensureBrowser, FLAGS, GPU_FLAGS, SOFTWARE_GPU_FLAGS } from './browser.mjs';
import { firstLine, Sentence } from './sentence.mjs';
import { serve } from './serve.mjs';

/**
 * @typedef {object} Studio
 * @property {Browser} browser
 * @property {Page} page with `globalThis.kiln` on it
 * @property {string} url of the studio
 * @property {DeviceReport} report what the engine runs on
 * @property {() => Promise<void>} close
 */

/**
 * @param {{ device: 'auto' | 'webgpu' | 'cpu', mounts?: Mounts, folders?: Record<string, string> }} options
 * @returns {Promise<Studio>}
 */
export async function openStudio({ device, ...served }) {
  const executablePath = await ensureBrowser();
  const server = await serve({ port: 0, ...served });
  try {
    let opened = await openPage(executablePath, server.url, device === 'cpu' ? [] : GPU_FLAGS);
    let report = await probe(opened.page, device);
    if (device === 'webgpu' && report.gpu === null) {
      await opened.browser.close();
      opened = await openPage(executablePath, server.url, SOFTWARE_GPU_FLAGS);
      report = await probe(opened.page, device);
      if (report.gpu !== null) {
        console.error('No GPU works in this browser: WebGPU is computed on the CPU (SwiftShader), slowly.');
      }
    }
    const { browser, page } = opened;
    const close = async () => {
      await browser.close();
      await server.close();
    };
    return { browser, page, url: server.url, report, close };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/**
 * @param {string} executablePath
 * @param {string} url
 * @param {string[]} flags
 * @returns {Promise<{ browser: Browser, page: Page }>}
 */
async function openPage(executablePath, url, flags) {
  const { chromium } = await import('@playwright/test');
  const browser = await chromium
    .launch({ executablePath, args: [...FLAGS, ...flags], handleSIGINT: false })
    .catch((error) => {
      throw new Sentence(`The browser ${executablePath} could not be started: ${firstLine(error)}`);
    });
  const page = await browser.newPage();
  await page.goto(url);
  const hasApi = await page
    .waitForFunction(() => globalThis.kiln !== undefined, null, { timeout: 30_000 })
    .catch(() => null);
  if (!hasApi) {
    await browser.close();
    throw new Sentence(`The built studio did not start in ${executablePath}: it may be too old a browser.`);
  }
  return { browser, page };
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
