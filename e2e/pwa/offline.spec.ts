/** The studio without its server (F13): after the first visit, from the start and in the middle. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from '../../scripts/run.mjs';
import { expectSound, test as base } from '../fixtures.ts';
import { expect, test } from './hosted.ts';
import { NetworkPanel } from './network-panel.ts';

const PORT = '4275';

/** The real server with the starter model, as a process that a test can end. */
const withServer = base.extend<{ server: ChildProcess; network: NetworkPanel }>({
  server: [
    async ({ page }, use) => {
      void page;
      const child = spawn(process.execPath, ['e2e/serve.mjs', PORT], { cwd: ROOT });
      await once(child.stdout, 'data');
      await use(child);
      child.kill();
    },
    { auto: true },
  ],
  network: async ({ page }, use) => use(new NetworkPanel(page)),
});

withServer.describe(() => {
  withServer.use({ baseURL: `http://localhost:${PORT}`, serviceWorkers: 'allow' });
  withServer.setTimeout(240_000);

  withServer(
    'after one visit, and with the server process ended, a prompt becomes a picture',
    async ({ studio, page, server, network }) => {
      await studio.open();
      await network.untilReady();
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
      await page.reload();
      await expect(studio.generateButton).toBeEnabled();
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
      await studio.makePicture('a red apple on a blue background');
      await page.reload();
      await expect.poll(() => studio.pictureCount()).toBe(1);
      expect(await network.traffic()).toEqual([`localhost:${PORT} this studio 0 B in 0 requests`]);
    },
  );
});

test('a first visit whose network goes says what is missing, and goes on when it is back', async ({
  studio,
  page,
  context,
  watch,
}) => {
  watch.allow(/Failed to load resource/);
  const weights = /\/models\/starter\/(?!manifest)/;
  await context.route(weights, (route) => route.abort('internetdisconnected'));
  await page.goto('/');
  await expect(studio.generateButton).toBeEnabled();
  await studio.prompt.fill('a cat');
  const kept = await studio.kept();
  await studio.generateButton.click();
  await expectSound(studio, {
    title: 'A model file could not be fetched',
    kept,
    makeSound: () => context.unroute(weights),
  });
});

test('a network that goes in mid-run does not disturb the run', async ({ studio, context, network }) => {
  await studio.open();
  await network.untilReady();
  await studio.field('Steps').fill('50');
  await studio.prompt.fill('a rocket');
  const before = await studio.kept();
  await studio.generateButton.click();
  await expect(studio.progress).toBeVisible();
  await context.setOffline(true);
  await studio.expectPicture('a rocket');
  await expect(studio.alert).toHaveCount(0);
  expect(await studio.kept()).toEqual({ ...before, pictures: before.pictures + 1 });
  await network.open();
  await expect(network.dialog).toContainText('The browser is offline.');
  await network.close();
  await studio.makePicture('a mushroom');
  await context.setOffline(false);
});

test('what is kept is checked: a damaged weight file is not taken for ready', async ({
  studio,
  host,
  network,
}) => {
  const name = 'models/starter/tokenizer/tokenizer.json';
  host.instead.set(name, '{}');
  await studio.open();
  await network.open();
  await expect(network.dialog).toContainText('Not yet ready offline');
  host.instead.delete(name);
  await network.dialog.getByRole('button', { name: 'Make ready' }).click();
  await expect(network.dialog).toContainText('Ready offline');
});
