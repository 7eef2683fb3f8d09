/** A queue of 16 pictures in three jobs whose tab is killed in the middle: nothing finished is lost, the rest goes on. */
import { AxeBuilder } from '@axe-core/playwright';
import { WITH_TINY } from '../addresses.ts';
import { crashTab } from '../faults.ts';
import { expect, test } from '../fixtures.ts';
import { Studio } from '../studio.ts';

test.use({ baseURL: WITH_TINY });

test('F20: a queue of 16, reordered and paused, outlives its tab, each picture once', async ({
  studio,
  page,
  context,
}) => {
  test.setTimeout(300_000);
  await studio.open('Tiny Stable Diffusion');
  const add = async (prompt: string, count: number, seed: number, steps: number) => {
    await studio.field('Steps').fill(String(steps));
    await studio.field('Seed').fill(String(seed));
    await studio.field('Pictures').fill(String(count));
    await studio.prompt.fill(prompt);
    await page.keyboard.press('ControlOrMeta+Enter');
  };
  await add('first', 10, 100, 50);
  await expect(studio.cancelButton).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add to queue' })).toBeVisible();
  await add('second', 3, 200, 3);
  await add('third', 3, 300, 3);

  const queue = page.getByRole('region', { name: 'Queue' });
  await queue.getByRole('button', { name: /^Queue/ }).click();
  const jobs = queue.getByRole('list', { name: 'Jobs' }).getByRole('listitem');
  await expect(jobs).toHaveText([/first/, /second/, /third/]);
  // A pause comes between two pictures and keeps the job.
  await queue.getByRole('button', { name: 'Pause' }).click();
  await expect(studio.cancelButton).toHaveCount(0, { timeout: 60_000 });
  await expect(queue).toContainText('paused');
  const atPause = await studio.pictureCount();
  expect(atPause).toBeGreaterThan(0);
  expect(atPause).toBeLessThan(10);
  // By keyboard, on the grip; the focus stays on the job that moves.
  await queue.getByRole('button', { name: 'Place 3 in the queue: third' }).focus();
  await page.keyboard.press('ArrowUp');
  await expect(jobs).toHaveText([/first/, /third/, /second/]);
  await expect(queue.getByRole('button', { name: 'Place 2 in the queue: third' })).toBeFocused();
  const { violations } = await new AxeBuilder({ page }).include('[aria-label="Queue"]').analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);

  await queue.getByRole('button', { name: 'Go on' }).click();
  await expect.poll(() => studio.pictureCount(), { timeout: 60_000 }).toBeGreaterThan(atPause);
  await crashTab(page);

  const next = new Studio(await context.newPage());
  next.page.on('pageerror', (error) => expect.soft(error.message, 'unhandled').toBe(''));
  await next.page.goto('/');
  const card = next.page.getByRole('region', { name: 'Interrupted run' });
  await expect(card).toContainText(/The queue was interrupted: [23] jobs with \d+ pictures are left\./, {
    timeout: 30_000,
  });
  const kept = await next.pictureCount();
  expect(kept).toBeGreaterThan(atPause);
  await card.getByRole('button', { name: 'Run the rest' }).click();
  await expect.poll(() => next.pictureCount(), { timeout: 120_000 }).toBe(16);
  await expect(next.generateButton).toBeVisible();

  const names = await next.gallery
    .getByRole('option', { name: /, seed \d+$/ })
    .evaluateAll((options) => options.map((option) => option.ariaLabel ?? ''));
  // Newest first: the job that was moved up was made before the other.
  expect(names).toEqual(
    [...runOf('first', 100, 10), ...runOf('third', 300, 3), ...runOf('second', 200, 3)].toReversed(),
  );
  await next.page.reload();
  await expect.poll(() => next.pictureCount()).toBe(16);
  await expect(card).toHaveCount(0);
});

function runOf(prompt: string, seed: number, count: number): string[] {
  return Array.from({ length: count }, (_, k) => `${prompt}, seed ${seed + k}`);
}
