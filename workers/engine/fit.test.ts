/** Which adapters and words fit which models, told before a run: the tiny models, the starter and what was made for each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailureError } from '#core/failure.ts';
import { fetchManifest } from '#storage/models.ts';
import { adapterFile, loraCase, requestOf } from '../../e2e/lora-goldens.ts';
import { wordFile } from '../../e2e/word-goldens.ts';
import { checkAdapter } from './adapters-install.ts';
import { Adapters, type AdapterSource } from './adapters.ts';
import { Fits } from './fit.ts';
import { type NodeModels, serveModels } from './node-models.test-data.ts';

const PUBLIC = join(import.meta.dirname, '../../public');
const ADAPTERS = ['tiny-sd', 'tiny-sdxl', 'tiny-flow'].flatMap((model) =>
  ['kohya', 'old', 'diffusers', 'peft', 'locon', 'ldm', 'onetrainer'].map((kind) => `${model}-${kind}`),
);
const { signal } = new AbortController();

let source: AdapterSource;
const names = new Map<string, string>();

/** By their files' names, as a person brings them. */
async function keep(files: Record<string, Uint8Array<ArrayBuffer>>): Promise<AdapterSource> {
  const kept = new Map<string, Blob>();
  const cards: Awaited<ReturnType<AdapterSource['list']>> = [];
  for (const [name, bytes] of Object.entries(files)) {
    const checked = await checkAdapter(new Blob([bytes]), `${name}.safetensors`);
    if (!checked.ok) throw new FailureError(checked.failure);
    kept.set(checked.card.sha256, new Blob([bytes]));
    names.set(checked.card.sha256, name);
    cards.push(checked.card);
  }
  return { list: async () => cards, open: async (sha256) => kept.get(sha256) ?? null };
}

function here(name: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(adapterFile(name));
  } catch {
    return null;
  }
}

beforeAll(async () => {
  const adapters = ADAPTERS.flatMap((name) => {
    const bytes = here(name);
    return bytes === null ? [] : [[name, bytes] as const];
  });
  const words = ['inkwash', 'star', 'pairword'].map((name) => [name, wordFile(name)] as const);
  const flat = Uint8Array.from(readFileSync(join(PUBLIC, 'adapters/flat.safetensors')));
  source = await keep({ ...Object.fromEntries([...adapters, ...words]), flat });
});

async function fittingOf(models: NodeModels, id: string): Promise<string[]> {
  const manifest = await models.manifest(id);
  const misfits = await new Fits(source).misfits(manifest, [...names.keys()], signal);
  return [...names].filter(([sha256]) => !Object.hasOwn(misfits, sha256)).map(([, name]) => name);
}

describe('the tiny models', () => {
  let models: NodeModels;
  beforeAll(async () => {
    models = await serveModels();
  });
  afterAll(() => models.close());

  test.each([
    ['tiny-sd', ['inkwash', 'star']],
    ['tiny-sdxl', ['pairword']],
    // Its two encoders are those of the SDXL-shaped one.
    ['tiny-flow', ['pairword']],
  ])('%s takes what was made for it, and the words as wide as its tokens', async (id, words) => {
    const own = [...names.values()].filter((name) => name.startsWith(`${id}-`));
    expect(own.length).toBeGreaterThan(2);
    expect(await fittingOf(models, id)).toEqual([...own, ...words]);
  });

  test('the reason is the one that a run would give', async () => {
    const sha256 = [...names].find(([, name]) => name === 'tiny-sdxl-diffusers')![0];
    const told = await new Fits(source).misfits(await models.manifest('tiny-sd'), [sha256], signal);
    const { adapters } = requestOf(loraCase('sdxl-diffusers'));
    const request = { ...requestOf(loraCase('sd-kohya')), adapters: adapters! };
    const run = models.make(request, { adapters: new Adapters(source) });
    const failure = await run.catch((error: FailureError) => error.failure);
    expect(failure).toEqual(told[sha256]);
  });

  test('a model whose graph holds its weights is left to the run', async () => {
    const manifest = await fetchManifest('tiny-sd', signal);
    const graph = manifest.parts[manifest.denoiser.part]!.variants[0]!.graph;
    const file = { ...manifest.files[graph]!, sizeBytes: 2 ** 30 };
    const heavy = { ...manifest, files: { ...manifest.files, [graph]: file } };
    expect(await new Fits(source).misfits(heavy, [...names.keys()], signal)).toEqual({});
  });
});

test('the starter takes its own brand and nothing that was made for the tiny models', async () => {
  const models = await serveModels(join(PUBLIC, 'models'));
  expect(await fittingOf(models, 'starter')).toEqual(['flat']);
  await models.close();
});
