/** Tests with a hub: a server of their own that the browser takes for huggingface.co. */
import { DOWNLOAD_HOSTS } from '#core/hub/hosts.mjs';
import { isAllowedHost } from '#core/hub/repository.ts';
import { test as base } from '../fixtures.ts';
import { type Hub, startHub } from './server.mjs';

export { expect } from '../fixtures.ts';

export const test = base.extend<{ hub: Hub }, { hubServer: Hub }>({
  hubServer: [
    async ({ browserName: _browser }, use) => {
      const hub = await startHub();
      await use(hub);
      await hub.close();
    },
    { scope: 'worker' },
  ],
  launchOptions: [
    async ({ launchOptions, hubServer }, use) => {
      await use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...hubServer.browserFlags] });
    },
    { scope: 'worker' },
  ],
  /** The hub, healthy and with an empty log. Requests to it are no strays. */
  hub: async ({ hubServer, watch }, use) => {
    hubServer.heal();
    hubServer.clearLog();
    await use(hubServer);
    hubServer.heal();
    const strays = watch.strayRequests.filter((url) => !isAllowedHost(url, DOWNLOAD_HOSTS));
    watch.strayRequests.splice(0, watch.strayRequests.length, ...strays);
  },
});
