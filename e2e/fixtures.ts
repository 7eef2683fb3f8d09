/**
 * Every test of the studio runs under watch: it fails when a promise was rejected unseen, when the console
 * showed an error nobody expected, or when a request left the studio's own address.
 */
import { type ConsoleMessage, expect, type Page, test as base } from '@playwright/test';
import { Studio } from './studio.ts';

declare global {
  var kilnAnnounced: string[] | undefined;
}

export interface Watch {
  unhandled: string[];
  consoleErrors: string[];
  strayRequests: string[];
  /** Watches another page in the same way. Call before it opens the studio. */
  also(page: Page): Promise<void>;
  /** Console errors that this test provokes. */
  allow(...patterns: RegExp[]): void;
}

interface Fixtures {
  watch: Watch;
  studio: Studio;
}

export const test = base.extend<Fixtures>({
  watch: [
    async ({ page, baseURL }, use) => {
      const allowed: RegExp[] = [];
      const watch: Watch = {
        unhandled: [],
        consoleErrors: [],
        strayRequests: [],
        async also(other) {
          other.on('pageerror', (error) =>
            watch.unhandled.push(error.stack || `${error.name}: ${error.message}`),
          );
          other.on('console', (message) => {
            if (message.type() === 'error') watch.consoleErrors.push(describe(message));
          });
          await recordAnnouncements(other);
        },
        allow: (...patterns) => allowed.push(...patterns),
      };
      page.context().on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        if (protocol !== 'blob:' && origin !== new URL(baseURL ?? '').origin)
          watch.strayRequests.push(request.url());
      });
      await watch.also(page);
      await page.addInitScript(() => {
        // Pictures are not read in idle time, unless a test is about that: others would wait for its computing.
        try {
          if (localStorage.getItem('kiln.reading') === null)
            localStorage.setItem('kiln.reading', JSON.stringify({ isAutomatic: false }));
        } catch {
          // A page that may store nothing.
        }
      });
      await use(watch);
      expect.soft(watch.unhandled, 'unhandled errors').toEqual([]);
      const unexpected = watch.consoleErrors.filter((text) => !allowed.some((pattern) => pattern.test(text)));
      expect.soft(unexpected, 'errors on the console').toEqual([]);
      expect.soft(watch.strayRequests, 'requests to other addresses').toEqual([]);
    },
    { auto: true },
  ],
  studio: async ({ page }, use) => {
    await use(new Studio(page));
  },
});

export { expect };

function describe(message: ConsoleMessage): string {
  return `${message.text()} (${message.location().url})`;
}

/** Notes every change of a live region, as a screen reader would speak it. */
async function recordAnnouncements(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const regions = 'output, [role="status"], [role="alert"], [aria-live]';
    const spoken: string[] = [];
    globalThis.kilnAnnounced = spoken;
    const last = new WeakMap<Element, string>();
    const listen = () => {
      for (const region of document.querySelectorAll(regions)) {
        // What is not atomic is spoken piece by piece: the piece that changed, without those beside it.
        const isWhole = region.getAttribute('aria-atomic') !== 'false' || region.children.length === 0;
        for (const piece of isWhole ? [region] : region.children) {
          const text = piece.textContent?.trim() ?? '';
          if (text !== (last.get(piece) ?? '') && text !== '') spoken.push(text);
          last.set(piece, text);
        }
      }
    };
    new MutationObserver(listen).observe(document, { subtree: true, childList: true, characterData: true });
  });
}

/**
 * What must hold after any fault, besides what the watch sees: it was said once, nothing the person had is
 * lost, and the next picture comes.
 * @param makeSound undoes the fault where it does not pass by itself
 */
export async function expectSound(
  studio: Studio,
  fault: { title: string; kept: Awaited<ReturnType<Studio['kept']>>; makeSound?: () => Promise<void> },
): Promise<void> {
  await expect(studio.alert.filter({ hasText: fault.title })).toBeVisible({ timeout: 60_000 });
  await expect(studio.alert).toHaveCount(1);
  const said = (await studio.announced()).filter((text) => text.includes(fault.title));
  expect(said, 'said once').toHaveLength(1);
  expect(await studio.kept()).toEqual(fault.kept);
  await fault.makeSound?.();
  await studio.makePicture(`${fault.kept.prompt}, again`);
  await expect(studio.alert).toHaveCount(0);
}
