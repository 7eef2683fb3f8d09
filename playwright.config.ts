import { defineConfig } from '@playwright/test';
import { SHIPPED, WITH_TINY } from './e2e/addresses.ts';
import { FLAGS, findBrowser, SOFTWARE_GPU_FLAGS } from './scripts/browser.mjs';

const executablePath = await findBrowser();

function launch(flags: string[]) {
  return { launchOptions: { args: [...FLAGS, ...flags], ...(executablePath ? { executablePath } : {}) } };
}

function server(address: string, ...args: string[]) {
  const { port } = new URL(address);
  return { command: ['node', 'e2e/serve.mjs', port, ...args].join(' '), url: address, timeout: 30_000 };
}

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  forbidOnly: true,
  // One hiccup of a loaded machine is told by name at the end of the log and does not hide the rest.
  retries: process.env['CI'] ? 1 : 0,
  workers: 2,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  // A service worker would hand one test's files to the next; e2e/pwa lets its own in.
  use: {
    baseURL: SHIPPED,
    serviceWorkers: 'block',
    // A trace costs about a seventh of a test's time, so it is drawn only where a test is tried again.
    trace: 'on-first-retry',
    // Without a GPU each frame of an animation is computed beside what is tested: a twelfth of a test's time.
    contextOptions: { reducedMotion: 'reduce' },
    viewport: { width: 1280, height: 800 },
  },
  projects: [
    { name: 'cpu', testIgnore: 'webgpu*/**', use: launch([]) },
    // SwiftShader: WebGPU computed on the CPU, so that the GPU path runs on machines without a GPU.
    { name: 'webgpu', testMatch: 'webgpu/**/*.spec.ts', use: launch(SOFTWARE_GPU_FLAGS) },
    // A browser of its own: it remembers that its GPU crashed.
    { name: 'webgpu-crash', testMatch: 'webgpu-crash/**/*.spec.ts', use: launch(SOFTWARE_GPU_FLAGS) },
  ],
  webServer: [server(SHIPPED), server(WITH_TINY, 'e2e/models')],
});
