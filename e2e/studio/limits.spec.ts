/** Requests that cannot be met and texts nobody would write: a clear sentence, and the page lives on. */
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { WITH_TINY } from '../addresses.ts';
import { expect, test } from '../fixtures.ts';

test.use({ baseURL: WITH_TINY });

const FAMILY = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u200D\u{1F466}';
const BOMBS = {
  'a million letters': 'a'.repeat(1_000_000),
  'a hundred thousand brackets': '('.repeat(100_000),
  'a hundred thousand joined emoji': FAMILY.repeat(100_000),
};

for (const [name, bomb] of Object.entries(BOMBS)) {
  test(`${name} for a prompt: the page answers, the cut is told, and the picture comes`, async ({
    studio,
    page,
  }) => {
    await studio.open('Tiny plain');
    await studio.prompt.fill(bomb);
    await page.getByRole('button', { name: 'Theme' }).click();
    await expect(page.getByRole('dialog', { name: 'Theme' })).toBeVisible();
    await page.keyboard.press('Escape');
    await studio.generateButton.click();
    await expect.poll(() => studio.pictureCount(), { timeout: 60_000 }).toBe(1);
    await expect(
      page.getByText(/The prompt was too long\. The first [\d,]+ of [\d,]+ characters/),
    ).toBeVisible();
    await expect(studio.alert).toHaveCount(0);
    // What was kept of it is what the picture says it was made of.
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename().length).toBeLessThan(130);
    await page.reload();
    await expect.poll(() => studio.pictureCount()).toBe(1);
    expect((await studio.prompt.inputValue()).length).toBeGreaterThan(1_000);
    await studio.makePicture('a red apple');
  });
}

const REFUSED: [what: string, change: Partial<GenerateRequest>, sentence: RegExp][] = [
  [
    'an unknown sampler',
    { sampler: 'ping-pong' },
    /^This sampler is not available\. “ping-pong” is not a sampler that this model can use\. Choose one of: euler, /,
  ],
  [
    'a sampler of another path',
    { sampler: 'flow-euler' },
    /^This sampler is not available\. “flow-euler” is not/,
  ],
  [
    'an unknown schedule',
    { schedule: 'bus' },
    /^This schedule is not available\. “bus” is not a schedule that this model can use\. Choose one of: normal, /,
  ],
  [
    'a size off the grid',
    { widthPx: 65 },
    /^This size cannot be made\. 65 × 64 was asked for\. This model makes 64×64\./,
  ],
  ['a size of nothing', { heightPx: 0 }, /^This size cannot be made\. 64 × 0 was asked for\./],
  [
    'too many steps',
    { steps: 51 },
    /^This number of steps cannot be used\. You asked for 51 steps\. This model takes 1 to 50\./,
  ],
  ['a seed past 32 bits', { seed: 2 ** 32 }, /^This seed cannot be used\. The seed is 4294967296\./],
  ['an unknown model', { modelId: 'nobody' }, /^This model is not here\. No model is called “nobody”\./],
  ['no words', { prompt: ' ' }, /^The prompt is empty\./],
];

test('what a model cannot do is refused in a sentence that says what it can', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  for (const [what, change, sentence] of REFUSED) {
    const outcome = await page.evaluate((asked) => globalThis.kiln?.generate(asked, { device: 'cpu' }), {
      prompt: 'a red apple',
      modelId: 'tiny-plain',
      ...change,
    });
    expect(outcome, what).toMatchObject({
      outcome: 'failed',
      pictures: 0,
      sentence: expect.stringMatching(sentence),
    });
  }
  await studio.makePicture('a red apple');
});

test('a prompt past every window is told with the words that did not fit', async ({ studio, page }) => {
  await studio.open('Tiny plain');
  const words = Array.from({ length: 900 }, (_, i) => `word${i}`).join(' ');
  await studio.prompt.fill(words);
  await studio.generateButton.click();
  await expect.poll(() => studio.pictureCount(), { timeout: 60_000 }).toBe(1);
  await expect(
    page.getByText(/The model reads 8 windows of words; \d+ more did not fit: “.*word\d+/),
  ).toBeVisible();
  expect(await studio.prompt.inputValue()).toBe(words);
  await studio.makePicture('a red apple');
});
