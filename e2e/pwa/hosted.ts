/** Tests of the studio on a static host of their own, with its service worker. */
import { rmSync } from 'node:fs';
import { HEADERS } from '../../scripts/headers.mjs';
import { expect, test as base } from '../fixtures.ts';
import { copyBuilt } from './built.ts';
import { NetworkPanel } from './network-panel.ts';
import { type StaticHost, startStaticHost } from './static-host.ts';

/** A port for each of Playwright's workers: the watch must know the address before the host is up. */
const PORT = 4280 + Number(process.env['TEST_PARALLEL_INDEX'] ?? 0);

export const test = base.extend<{ host: StaticHost; network: NetworkPanel }>({
  baseURL: `http://localhost:${PORT}`,
  serviceWorkers: 'allow',
  host: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from this pattern
    async ({}, use) => {
      const folder = copyBuilt();
      const host = await startStaticHost(folder, { port: PORT, headers: HEADERS });
      await use(host);
      await host.close();
      rmSync(folder, { recursive: true });
    },
    { auto: true },
  ],
  network: async ({ page }, use) => use(new NetworkPanel(page)),
});

export { expect };
