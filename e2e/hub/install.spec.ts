/**
 * The studio installs repositories of the hub that know nothing of it, and makes the pictures that `diffusers`
 * makes of the same weights.
 */
import type { Page } from '@playwright/test';
import type { CaptionTask } from '#engine/captioner-api.ts';
import goldens from '../goldens/captioner-transformers.json' with { type: 'json' };
import { expectGolden, goldenCase, makeGolden } from '../goldens.ts';
import { plainPng } from '../picture-files.ts';
import { goldenPicture, opaqueRgb, psnrDb, wrongRequests } from '../pipeline-goldens.ts';
import { expect, test } from './fixtures.ts';

const CASES = {
  'tiny-sd': 'tiny-sd-euler',
  'tiny-sdxl': 'tiny-sdxl-dpmpp-2m-karras',
  'tiny-flow': 'tiny-flow-euler',
  'tiny-lcm': 'tiny-lcm-guided',
  'tiny-sd-with-manifest': 'tiny-sd-ddim',
};

/** Installs a form of a repository; answers the id of the model, or why not. */
function install(page: Page, repository: string, form?: string) {
  return page.evaluate(
    async ([given, wanted]) => {
      const looked = await globalThis.kiln!.planFromHub(given!, wanted);
      if (!looked.ok) return { id: '', revision: '', why: looked.sentences.join(' ') };
      const outcome = await globalThis.kiln!.library.install(looked.plan);
      const why = outcome.outcome === 'done' ? '' : JSON.stringify(outcome);
      return { id: looked.plan.id, revision: looked.plan.revision, why };
    },
    [repository, form] as const,
  );
}

for (const [name, id] of Object.entries(CASES)) {
  test(`${name} is installed from the hub and draws as diffusers does`, async ({ page, studio, hub }) => {
    await studio.open();
    const installed = await install(page, `kiln-tests/${name}`);
    expect(installed.why).toBe('');
    expect(installed.revision).toBe(hub.commitOf(`kiln-tests/${name}`));
    const golden = goldenCase(id);
    const request = { ...golden.request, modelId: installed.id };
    expectGolden(await makeGolden(page, { ...golden, request }, 'cpu'), golden, 'cpu');
    const [wrongSeed] = wrongRequests(golden);
    const wrong = await makeGolden(page, { ...golden, request: { ...request, ...wrongSeed } }, 'cpu');
    expect(psnrDb(opaqueRgb(wrong.rgba), goldenPicture(golden))).toBeLessThan(25);
  });
}

test('one form of several: its own files are fetched, and its picture is near', async ({
  page,
  studio,
  hub,
}) => {
  await studio.open();
  const { id, why } = await install(page, 'kiln-tests/tiny-sd-forms', 'q8');
  expect(why).toBe('');
  const fetched = hub.log.filter(({ stage }) => stage === 'cdn').map(({ path }) => path);
  expect(fetched.filter((path) => path.endsWith('_data')).every((path) => path.includes('_q8'))).toBe(true);
  const golden = goldenCase('tiny-sd-euler');
  const made = await makeGolden(page, { ...golden, request: { ...golden.request, modelId: id } }, 'cpu');
  expect(psnrDb(opaqueRgb(made.rgba), goldenPicture(golden))).toBeGreaterThan(25);
});

test('a host that refuses preflights serves all the same', async ({ page, studio, hub }) => {
  await studio.open();
  hub.fail({ stage: 'cdn' }, { refusePreflight: true }, 1000);
  expect((await install(page, 'kiln-tests/tiny-lcm')).why).toBe('');
});

test('what is installed draws with the hub gone', async ({ page, studio, hub }) => {
  await studio.open();
  const { id } = await install(page, 'kiln-tests/tiny-sd');
  hub.fail({}, { status: 503 }, 1000);
  await studio.open();
  hub.clearLog();
  const golden = goldenCase('tiny-sd-euler');
  const request = { ...golden.request, modelId: id };
  expectGolden(await makeGolden(page, { ...golden, request }, 'cpu'), golden, 'cpu');
  expect(hub.log).toEqual([]);
});

for (const name of ['tiny-blip', 'tiny-vit-gpt2', 'tiny-florence-2']) {
  test(`${name} is recognised as a captioner and installed file by file`, async ({ page, studio, hub }) => {
    await studio.open();
    const { id, why } = await install(page, `kiln-tests/${name}`);
    expect(why).toBe('');
    const library = await page.evaluate(() => globalThis.kiln!.library.list());
    const installed = library.ok ? library.value.installed.find((model) => model.id === id) : undefined;
    expect(installed).toMatchObject({ kind: 'captioner', state: 'installed' });
    const published = hub.filesOf(`kiln-tests/${name}`);
    for (const { path, sizeBytes } of installed!.files) expect(sizeBytes).toBe(published.get(path)!.length);
    expect(installed!.files.some(({ path }) => path.endsWith('.onnx'))).toBe(true);
  });
}

test('a captioner of Transformers.js reads pictures as Python’s transformers does, with the hub gone', async ({
  page,
  studio,
  hub,
}) => {
  await studio.open();
  const ids: string[] = [];
  for (const { model } of goldens) {
    const { id, why } = await install(page, `kiln-tests/${model}`);
    expect(why).toBe('');
    ids.push(id);
  }
  hub.fail({}, { status: 503 }, 1000);
  await studio.open();
  hub.clearLog();
  for (const [i, { pictures }] of goldens.entries()) {
    const [picture] = pictures;
    for (const [name, said] of Object.entries(picture!.said)) {
      const task = { ...CAPTION, isDetailed: name === '<DETAILED_CAPTION>' };
      const { tokens, grown } = await readGolden(page, picture!, task, ids[i]!);
      expect(tokens).toEqual(said.greedy);
      expect(grown.length).toBeGreaterThan(5);
    }
  }
  const refused = await page.evaluate(
    (model) => globalThis.kiln!.caption(new Uint8Array(), { kind: 'match', texts: ['a'] }, { model }),
    ids[0]!,
  );
  expect(refused).toMatchObject({ outcome: 'failed', failure: { code: 'captioner-task' } });

  const dropped = await page.evaluateHandle(
    (bytes) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(bytes)], 'grey.png', { type: 'image/png' }));
      return transfer;
    },
    Array.from(plainPng(40, 30)),
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: dropped });
  await page.getByRole('button', { name: 'Describe and ask' }).click();
  const panel = page.getByRole('dialog', { name: 'Describe and ask' });
  await expect(panel.getByText(/ on CPU/)).toHaveCount(1, { timeout: 60_000 });
  await expect(panel.getByRole('button', { name: 'In detail' })).toHaveCount(0);
  await panel.getByLabel('Model that reads pictures').selectOption(ids[1]!);
  await expect(panel.getByText('it does not answer questions')).toBeVisible();
  await panel.getByRole('button', { name: 'In detail' }).click();
  await expect(panel.getByText(/florence-2, .* on CPU/i)).toBeVisible({ timeout: 60_000 });
  expect(hub.log).toEqual([]);
});

const CAPTION = { kind: 'caption', prefix: '', way: { kind: 'greedy' } } as const;

function readGolden(
  page: Page,
  { rgb, widthPx, heightPx }: (typeof goldens)[number]['pictures'][number],
  task: CaptionTask,
  model: string,
) {
  return page.evaluate(
    async (given) => {
      const bytes = Uint8Array.from(atob(given.rgb), (character) => character.charCodeAt(0));
      const rgba = new Uint8ClampedArray((bytes.length / 3) * 4).fill(255);
      for (let i = 0; i < bytes.length / 3; i++) rgba.set(bytes.subarray(3 * i, 3 * i + 3), 4 * i);
      const canvas = new OffscreenCanvas(given.widthPx, given.heightPx);
      canvas.getContext('2d')!.putImageData(new ImageData(rgba, given.widthPx, given.heightPx), 0, 0);
      const png = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
      const grown: string[] = [];
      const options = { device: 'cpu', model: given.model } as const;
      const outcome = await globalThis.kiln!.caption(png, given.task, options, (event) => {
        if (event.kind === 'words') grown.push(event.text);
      });
      if (outcome.outcome !== 'done' || outcome.described.answer.kind !== 'text')
        throw new Error(JSON.stringify(outcome));
      return { tokens: [...outcome.described.answer.tokens], grown };
    },
    { rgb, widthPx, heightPx, task, model },
  );
}

test('what cannot be installed is told in a sentence, and nothing is kept', async ({
  page,
  studio,
  hub,
  watch,
}) => {
  watch.allow(/status of 40[134]/);
  await studio.open();
  hub.publish('kiln-tests/torch', new Map([['unet/diffusion_pytorch_model.safetensors', Buffer.alloc(64)]]));
  expect((await install(page, 'kiln-tests/torch')).why).toContain('python -m forge export');
  expect((await install(page, 'kiln-tests/nothing')).why).toContain('does not hand this model out');
  expect((await install(page, 'https://models.example.org/a/b')).why).toContain(
    'models.example.org is not one of them',
  );
  const library = await page.evaluate(() => globalThis.kiln!.library.list());
  expect(library).toMatchObject({ ok: true, value: { installed: [], installing: [] } });
});
