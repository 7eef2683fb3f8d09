/** The library as tests drive it: through the automation API of the page, which the screen uses too. */
import { createHash } from 'node:crypto';
import type { Page } from '@playwright/test';
import type {
  InstallOutcome,
  InstallPlan,
  InstallProgress,
  Library,
  PlannedFile,
  VersionKey,
} from '../../src/engine/library-api.ts';
import { expect, test as hubTest } from '../hub/fixtures.ts';
import type { Hub } from '../hub/server.mjs';
import { LibraryPage } from '../studio/library-page.ts';
import type { Kept, Studio } from '../studio.ts';

declare global {
  var kilnProgress: InstallProgress[] | undefined;
}

const HUB = 'https://huggingface.co';
export const HUB_HOSTS = /^https:\/\/([\w-]+\.)*(huggingface\.co|hf\.co)(:\d+)?\//;
/** What the browser itself says of a request that a test made fail. */
export const FAILED_LOAD = /^Failed to load resource/;

/** Requests to the hub are what these tests are about; any other stranger still fails them. */
export const test = hubTest.extend<{ hubIsNoStranger: void }>({
  hubIsNoStranger: [
    async ({ watch }, use) => {
      await use();
      const strangers = watch.strayRequests.filter((url) => !HUB_HOSTS.test(url));
      watch.strayRequests.splice(0, Infinity, ...strangers);
    },
    { auto: true },
  ],
});

export { expect };

/** A plan whose files come from addresses: plain data, which the test can hand to the page. */
export interface HubPlan extends Omit<InstallPlan, 'files'> {
  files: (Omit<PlannedFile, 'from'> & { from: { url: string } })[];
}

/** A plan for a repository of the test hub, as its newest commit lists it. */
export function planOf(hub: Hub, repository: string, only?: RegExp): HubPlan {
  const commit = hub.commitOf(repository);
  if (commit === undefined) throw new Error(`The hub has no ${repository}.`);
  const files = hub.filesOf(repository);
  const text = files.get('manifest.json');
  const { files: listed, ...manifest } = text ? JSON.parse(text.toString()) : { files: null };
  const names = listed === null ? [...files.keys()] : Object.keys(listed);
  return {
    id: listed === null ? repository.replace('/', '.') : manifest.id,
    revision: commit,
    kind: listed === null ? 'captioner' : 'model',
    name: repository,
    source: { kind: 'hub', host: HUB, repository, commit },
    manifest: listed === null ? null : manifest,
    files: names
      .filter((name) => only?.test(name) ?? true)
      .map((name) => {
        const bytes = files.get(name);
        if (bytes === undefined) throw new Error(`${repository} has no ${name}.`);
        return {
          path: name,
          from: { url: `${HUB}/${repository}/resolve/${commit}/${name}` },
          sizeBytes: bytes.length,
          sha256: createHash('sha256').update(bytes).digest('hex'),
          gitSha1: null,
        };
      }),
  };
}

/** Starts an install and does not wait; its progress is noted on the page. */
export async function begin(page: Page, plan: HubPlan): Promise<void> {
  await watchProgress(page);
  await page.evaluate((asked) => void kiln!.library.install(asked), plan);
}

export async function install(page: Page, plan: HubPlan): Promise<InstallOutcome> {
  await watchProgress(page);
  return page.evaluate((asked) => kiln!.library.install(asked), plan);
}

export async function watchProgress(page: Page): Promise<void> {
  await page.evaluate(() => {
    if (globalThis.kilnProgress) return;
    const seen: InstallProgress[] = [];
    globalThis.kilnProgress = seen;
    kiln!.library.subscribe((event) => {
      if (event.kind === 'progress') seen.push(event.progress);
    });
  });
}

export function progress(page: Page): Promise<InstallProgress[]> {
  return page.evaluate(() => globalThis.kilnProgress ?? []);
}

/** The last that was heard. */
export async function lastState(page: Page): Promise<InstallProgress['state'] | undefined> {
  return (await progress(page)).at(-1)?.state;
}

export async function list(page: Page): Promise<Library> {
  const listed = await page.evaluate(() => kiln!.library.list());
  if (!listed.ok) throw new Error(listed.failure.code);
  return listed.value;
}

export async function expectInstalled(page: Page, keys: VersionKey[]): Promise<void> {
  const { installed } = await list(page);
  expect(installed.map(({ id, revision, state }) => ({ id, revision, state }))).toEqual(
    keys.map(({ id, revision }) => ({ id, revision, state: 'installed' })),
  );
}

/** Every byte is there and right, as the library itself finds by reading them all. */
export async function expectWhole(page: Page, plan: HubPlan): Promise<void> {
  const { id, revision } = plan;
  const report = await page.evaluate((key) => kiln!.library.verify(key), { id, revision });
  const bytes = plan.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  expect(report).toEqual({ ok: true, value: { id, revision, checkedBytes: bytes, damagedFiles: [] } });
}

/** A screen reader was told so, and once. */
export async function expectSaidOnce(studio: Studio, text: string): Promise<void> {
  const said = async () => (await studio.announced()).filter((one) => one.includes(text)).length;
  await expect.poll(said, `"${text}" said`).toBe(1);
}

/**
 * What holds after any fault, besides what the watch sees: it was said once, nothing that the person had is lost,
 * and the next picture comes.
 * @param said how each fault of the test is called; empty where there is nothing that a person could do
 */
export async function expectStudioSound(studio: Studio, kept: Kept, said: string[]): Promise<void> {
  for (const text of said) await expectSaidOnce(studio, text);
  const back = studio.page.getByRole('button', { name: 'Back to the studio' });
  // A test that reloaded the page has left the library so.
  if (await back.isVisible()) await back.click();
  await expect.poll(() => studio.kept()).toEqual(kept);
  await studio.makePicture(`${kept.prompt}, again`);
  await expect(studio.alert).toHaveCount(0);
}

/** Opens the studio with something in it that a fault could lose, and the library, where faults are told. */
export async function openWithWork(studio: Studio): Promise<Kept> {
  await studio.open();
  await studio.prompt.fill('a red apple');
  const kept = await studio.kept();
  await new LibraryPage(studio.page).open();
  return kept;
}

/** So many bytes that no two chunks of are alike. */
export function noise(bytes: number, seed: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  let state = seed >>> 0;
  for (let at = 0; at + 4 <= bytes; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    buffer.writeUInt32LE(state, at);
  }
  return buffer;
}
