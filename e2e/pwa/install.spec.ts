/** The studio as an app: it installs without a complaint, and opens the files that the system hands it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { FLAGS, findBrowser } from '../../scripts/browser.mjs';
import { Studio } from '../studio.ts';
import { expect, test } from './hosted.ts';
import { NetworkPanel } from './network-panel.ts';

/** A browser with a profile on the disk: a private window, which tests usually run in, installs nothing. */
async function withProfile(body: (page: Page) => Promise<void>): Promise<void> {
  const executablePath = await findBrowser();
  const profile = mkdtempSync(path.join(tmpdir(), 'kiln-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    args: [...FLAGS, '--enable-devtools-pwa-handler'],
    ...(executablePath ? { executablePath } : {}),
  });
  try {
    await body(context.pages()[0] ?? (await context.newPage()));
  } finally {
    await context.close();
    rmSync(profile, { recursive: true });
  }
}

/** A PNG that the studio made, as bytes in base 64, and the settings it was made with. */
async function makePng(studio: Studio): Promise<string> {
  await studio.field('Seed').fill('4711');
  await studio.makePicture('a red apple');
  const downloading = studio.page.waitForEvent('download');
  await studio.page.getByRole('button', { name: 'Download' }).click();
  const file = await (await downloading).path();
  await studio.prompt.fill('something else');
  return readFileSync(file, 'base64');
}

/** Does what the system's share sheet does: posts a form with a file to the share target. */
async function share(page: Page, name: string, type: string, base64: string): Promise<void> {
  await page.evaluate(
    ([fileName, mime, data]) => {
      const transfer = new DataTransfer();
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([bytes], fileName, { type: mime }));
      const form = Object.assign(document.createElement('form'), {
        action: '/share',
        method: 'post',
        enctype: 'multipart/form-data',
      });
      const input = Object.assign(document.createElement('input'), {
        type: 'file',
        name: 'file',
        files: transfer.files,
      });
      form.append(input);
      document.body.append(form);
      form.submit();
    },
    [name, type, base64] as const,
  );
  await page.waitForURL((url) => url.pathname === '/' && url.search === '');
}

test('nothing stands against installing it', async ({ host }) => {
  await withProfile(async (page) => {
    await page.goto(host.url);
    await new NetworkPanel(page).untilReady();
    const session = await page.context().newCDPSession(page);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    expect(installabilityErrors).toEqual([]);
    const { errors, url, data } = await session.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    expect(url).toBe(`${host.url}manifest.webmanifest`);
    const manifest = JSON.parse(data ?? '');
    expect(manifest).toMatchObject({ id: '/', scope: '/', start_url: '/', display: 'standalone' });
    // Every picture of the manifest is there, decodes, and has the size that it says.
    for (const { src, sizes, type } of [...manifest.icons, ...manifest.screenshots]) {
      const size = await page.evaluate(async (address) => {
        const image = new Image();
        image.src = address;
        await image.decode();
        return `${image.naturalWidth}x${image.naturalHeight}`;
      }, src);
      if (type === 'image/png') expect([src, size]).toEqual([src, sizes]);
    }
  });
});

test('the install control is there when the browser offers it, and only then', async ({
  studio,
  page,
  network,
}) => {
  await studio.open();
  await network.open();
  const install = page.getByRole('button', { name: 'Install app' });
  await expect(network.offlineSwitch).toBeVisible();
  await expect(install).toHaveCount(0);
  await page.evaluate(() => {
    const offer = new Event('beforeinstallprompt', { cancelable: true });
    dispatchEvent(
      Object.assign(offer, {
        prompt: () => {
          document.body.dataset['asked'] = String(offer.defaultPrevented);
          return Promise.resolve();
        },
      }),
    );
  });
  await install.click();
  await expect(page.locator('body')).toHaveAttribute('data-asked', 'true');
  await expect(install).toHaveCount(0);
});

test('a shared PNG comes back as settings, once, also without a network', async ({
  studio,
  page,
  host,
  network,
}) => {
  await studio.open();
  await network.untilReady();
  const png = await makePng(studio);
  await host.close();
  await share(page, 'apple.png', 'image/png', png);
  await page.getByRole('dialog').getByRole('button', { name: 'Use settings' }).click();
  await expect(page.getByText('Settings loaded.').first()).toBeVisible();
  await expect(studio.prompt).toHaveValue('a red apple');
  await expect(studio.field('Seed')).toHaveValue('4711');
  await studio.prompt.fill('something else');
  await page.reload();
  await expect(studio.generateButton).toBeEnabled();
  await expect(studio.prompt).toHaveValue('something else');
});

test('a shared adapter, or a file that is no picture, is answered in words', async ({
  studio,
  page,
  network,
}) => {
  await studio.open();
  await network.untilReady();
  await share(page, 'style.safetensors', 'application/octet-stream', btoa('12345678{}'));
  await expect(studio.alert).toContainText('adapter');
  await page.reload();
  await expect(studio.generateButton).toBeEnabled();
  await expect(studio.alert).toHaveCount(0);
  await share(page, 'cat.png', 'image/png', btoa('no picture'));
  await expect(studio.alert).toContainText('That file is not a PNG, JPEG or WebP that can be read.');
});

test('a PNG opened with the installed app comes back as settings', async ({ host }) => {
  await withProfile(async (page) => {
    const studio = new Studio(page);
    await page.goto(host.url);
    await expect(studio.generateButton).toBeEnabled();
    await new NetworkPanel(page).untilReady();
    const folder = mkdtempSync(path.join(tmpdir(), 'kiln-launch-'));
    const file = path.join(folder, 'apple.png');
    writeFileSync(file, Buffer.from(await makePng(studio), 'base64'));
    const session = await page.context().newCDPSession(page);
    const manifestId = host.url;
    await session.send('PWA.install', { manifestId, installUrlOrBundleUrl: host.url });
    const { fileHandlers } = await session.send('PWA.getOsAppState', { manifestId });
    const extensions = fileHandlers.flatMap(({ accepts }) =>
      accepts.flatMap(({ fileExtensions }) => fileExtensions),
    );
    expect(extensions.toSorted()).toEqual(['.png', '.safetensors']);
    await session.send('PWA.launchFilesInApp', { manifestId, files: [file] });
    const dialogs = () =>
      page
        .context()
        .pages()
        .map((one) => one.getByRole('dialog'));
    const shown = async () => {
      for (const dialog of dialogs()) if (await dialog.getByText('a red apple').count()) return true;
      return false;
    };
    await expect.poll(shown).toBe(true);
    for (const dialog of dialogs()) {
      if (await dialog.count()) await dialog.getByRole('button', { name: 'Use settings' }).click();
    }
    const prompts = () =>
      Promise.all(
        page
          .context()
          .pages()
          .map((one) => new Studio(one).prompt.inputValue({ timeout: 1_000 }).catch(() => '')),
      );
    await expect.poll(prompts).toContain('a red apple');
    rmSync(folder, { recursive: true });
  });
});
