/** Textual inversions in the whole pipeline, on the CPU, in Node, against `diffusers`. */
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { FailureError } from '#core/failure.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { goldenCases, goldenPicture, psnrDb, relativeError } from '../../e2e/pipeline-goldens.ts';
import { wordCase, wordCases, wordFile, wordRequest, wordResult } from '../../e2e/word-goldens.ts';
import { safetensors } from '../../src/core/safetensors/write.test-data.ts';
import { checkAdapter } from './adapters-install.ts';
import { Adapters, type AdapterSource } from './adapters.ts';
import { type MadeInNode, type NodeModels, serveModels } from './node-models.test-data.ts';

vi.setConfig({ testTimeout: 120_000 });

let models: NodeModels;

beforeAll(async () => {
  models = await serveModels();
});

afterAll(() => models.close());

/** As a person brings files: checked, and listed by their cards. */
async function holding(files: Record<string, Uint8Array<ArrayBuffer>>): Promise<Adapters> {
  const kept = new Map<string, Blob>();
  const cards: Awaited<ReturnType<AdapterSource['list']>> = [];
  for (const [name, bytes] of Object.entries(files)) {
    const checked = await checkAdapter(new Blob([bytes]), `${name}.safetensors`);
    if (!checked.ok) throw new FailureError(checked.failure);
    kept.set(checked.card.sha256, new Blob([bytes]));
    cards.push(checked.card);
  }
  return new Adapters({ list: async () => cards, open: async (sha256) => kept.get(sha256) ?? null });
}

function golden(names: readonly string[]): Promise<Adapters> {
  return holding(Object.fromEntries(names.map((name) => [name, wordFile(name)])));
}

function make(request: GenerateRequest, adapters: Adapters): Promise<MadeInNode> {
  return models.make(request, { adapters });
}

async function failureOf(made: Promise<MadeInNode>) {
  return made.then(
    () => null,
    (error: FailureError) => error.failure,
  );
}

describe.each(wordCases())('$id', (reference) => {
  it('agrees with the reference, and is another picture without the words', async () => {
    const { latent, picture } = wordResult(reference);
    const request = wordRequest(reference);
    const made = await make(request, await golden(reference.words));
    expect(relativeError(made.latents.at(-1)!, latent)).toBeLessThan(1e-3);
    expect(psnrDb(made.picture, picture)).toBeGreaterThan(40);
    const without = await make(request, await golden([]));
    expect(psnrDb(without.picture, picture)).toBeLessThan(25);
  });
});

test('a word that nobody says changes nothing, and no part is opened anew for one that is said', async () => {
  const reference = wordCase('sd-field');
  const plain = goldenCases().find(({ id }) => id === reference.base)!;
  const adapters = await golden(['inkwash', 'star']);
  const before = await make(plain.request, adapters);
  expect(psnrDb(before.picture, goldenPicture(plain))).toBeGreaterThan(40);
  const session = models.model('tiny-sd')!.session('text_encoder');
  // In other letters it is the same word; with a letter before it, none.
  const said = await make(
    { ...wordRequest(reference), prompt: reference.prompt.replace('ink', 'INK') },
    adapters,
  );
  expect(relativeError(said.latents.at(-1)!, wordResult(reference).latent)).toBeLessThan(1e-3);
  const other = { ...wordRequest(reference), prompt: reference.prompt.replace('inkwash', 'xinkwash') };
  expect(psnrDb((await make(other, adapters)).picture, wordResult(reference).picture)).toBeLessThan(25);
  expect(models.model('tiny-sd')!.session('text_encoder')).toBe(session);
  const after = await make(plain.request, adapters);
  expect(after.latents.at(-1)).toEqual(before.latents.at(-1));
});

test('a word for another model is a sentence, only where it is said', async () => {
  const adapters = await golden(['inkwash', 'pairword']);
  const sd = wordRequest(wordCase('sd-field'));
  expect(await failureOf(make({ ...sd, prompt: 'a pairword house' }, adapters))).toMatchObject({
    code: 'adapter-mismatch',
    adapter: 'pairword',
    detail: expect.stringMatching(/24 values, the model’s tokens 32|second text encoder/),
  });
  expect(await failureOf(make(sd, adapters))).toBeNull();
});

async function hashOf(name: string): Promise<string | null> {
  const checked = await checkAdapter(new Blob([wordFile(name)]), `${name}.safetensors`);
  return checked.ok ? checked.card.sha256.slice(0, 12) : null;
}

test('what is said is noted with its file, and what only a tag names is not', async () => {
  const adapters = await golden(['inkwash', 'star', 'pairword']);
  const said = await adapters.newWords({
    ...wordRequest(wordCase('sd-field')),
    prompt: 'an INKWASH house <lora:pairword:1>',
    negativePrompt: '(<kiln-star>:1.2)',
  });
  expect(said.uses).toEqual([
    { word: 'inkwash', fileHash: await hashOf('inkwash') },
    { word: '<kiln-star>', fileHash: await hashOf('star') },
  ]);
  expect((await adapters.newWords({ ...wordRequest(wordCase('sd-field')), prompt: 'a house' })).uses).toEqual(
    [],
  );
});

const failureFor = async (bytes: Uint8Array<ArrayBuffer>, name: string) => {
  const checked = await checkAdapter(new Blob([bytes]), name);
  return checked.ok ? null : checked.failure;
};

describe('what is refused when it is brought', () => {
  test('pickles, by name and unread', async () => {
    const method = expect.stringContaining('pickle');
    for (const bytes of [Uint8Array.of(0x50, 0x4b, 3, 4, 0), Uint8Array.of(0x80, 2, 0x7d, 0x71)]) {
      expect(await failureFor(bytes, 'easy.pt')).toEqual({
        code: 'adapter-unsupported',
        adapter: 'easy',
        method,
      });
    }
  });

  test('vectors that are no numbers', async () => {
    const bytes = safetensors({ emb_params: { shape: [1, 4], data: Float32Array.of(1, Number.NaN, 0, 0) } });
    expect(await failureFor(bytes, 'bad.safetensors')).toMatchObject({ code: 'adapter-invalid' });
  });

  test('a file that tells no word is called by its name', async () => {
    const checked = await checkAdapter(new Blob([wordFile('inkwash')]), 'inkwash.safetensors');
    expect(checked.ok && checked.card.summary).toMatchObject({
      kind: 'textual-inversion',
      triggerWords: ['inkwash'],
      vectors: 3,
    });
    const told = await checkAdapter(new Blob([wordFile('star')]), 'anything.safetensors');
    expect(told.ok && told.card.summary.triggerWords).toEqual(['<kiln-star>']);
  });
});
