/** The tiny ViT-GPT2 and Florence-2 in Node, through Transformers.js and the runtime's CPU path, against Python's `transformers`. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Way } from '#engine/captioner-api.ts';
import type { StoredVersion } from '#storage/library/records.ts';
import type { LibraryStore } from '#storage/library/store.ts';
import goldens from '../../e2e/goldens/captioner-transformers.json' with { type: 'json' };
import { TEXT_JOB } from './node-captioner.test-data.ts';
import { TransformersCaptioner } from './transformers-captioner.ts';

const REPOSITORIES = join(import.meta.dirname, '../../e2e/hub/repositories');
const BEAMS3: Way = { kind: 'beams', beams: 3 };
const fetchSpy = vi.spyOn(globalThis, 'fetch');
afterEach(() => expect(fetchSpy).not.toHaveBeenCalled());

/** A repository as an installed version; chunks as the database hands them out. */
function installed(name: string) {
  const folder = join(REPOSITORIES, name);
  const chunks = new Map<string, Blob>();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const files = entries.map((entry) => {
    const file = join(entry.parentPath, entry.name);
    const bytes = readFileSync(file);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    chunks.set(sha256, new Blob([bytes]));
    const sizeBytes = bytes.length;
    return { path: relative(folder, file), sizeBytes, sha256, url: null, chunks: [{ sha256, sizeBytes }] };
  });
  const version: StoredVersion = {
    id: name,
    revision: 'r1',
    kind: 'captioner',
    name,
    source: { kind: 'files', label: 'a test' },
    manifest: null,
    files,
    installedAt: 0,
    damaged: [],
  };
  const store = {
    chunks: async (names: readonly string[]) => names.map((one) => chunks.get(one)),
    markDamaged: async () => {},
  } as unknown as LibraryStore;
  return { version, store, chunks };
}

const JOB = { signal: TEXT_JOB.signal, emit: () => {} };

function open(repository: ReturnType<typeof installed>) {
  const { version, store } = repository;
  return TransformersCaptioner.open({ version, store, gpu: null, strictGpu: false }, JOB);
}

describe.each(goldens)('$model', ({ model, pictures }) => {
  let captioner: TransformersCaptioner;
  beforeAll(async () => {
    captioner = await open(installed(model));
    return () => captioner.release();
  }, 120_000);

  const see = ({ rgb, widthPx, heightPx }: (typeof pictures)[number], isDetailed: boolean) =>
    captioner.see({ data: new Uint8Array(Buffer.from(rgb, 'base64')), widthPx, heightPx }, isDetailed);

  const say = async (seen: Awaited<ReturnType<typeof see>>, way: Way, useCache = true, prefix = '') => {
    const grown: string[] = [];
    const onWords = (text: string) => grown.push(text);
    const task = { kind: 'caption', prefix, way } as const;
    const answer = await captioner.describe(seen, task, { ...TEXT_JOB, useCache, onWords });
    return answer.kind === 'text' ? { ...answer, grown } : null;
  };

  test.each(pictures)('$name: exactly the tokens of transformers', async (picture) => {
    for (const [task, said] of Object.entries(picture.said)) {
      const seen = await see(picture, task === '<DETAILED_CAPTION>');
      for (const useCache of [true, false]) {
        const greedy = await say(seen, { kind: 'greedy' }, useCache);
        expect(greedy).toMatchObject({ tokens: said.greedy, text: said.words });
        expect(greedy!.grown).toHaveLength(said.greedy.length - 1);
        expect((await say(seen, BEAMS3, useCache))!.tokens).toEqual(said.beams3);
      }
      const nucleus: Way = { kind: 'nucleus', topP: 1e-6, temperature: 1, seed: 1 };
      expect((await say(seen, nucleus))!.tokens).toEqual(said.greedy);
    }
  });

  test('a caption goes on from its beginning', async () => {
    const answer = await say(await see(pictures[0]!, false), { kind: 'greedy' }, true, 'a red house');
    expect(answer!.text).toMatch(/^a red house/);
  });

  test('a cancel stops between two words', async () => {
    const seen = await see(pictures[0]!, false);
    const controller = new AbortController();
    const onWords = () => controller.abort(new Error('enough'));
    const job = { ...TEXT_JOB, signal: controller.signal, onWords };
    const task = { kind: 'caption', prefix: '', way: { kind: 'greedy' } } as const;
    await expect(captioner.describe(seen, task, job)).rejects.toThrow('enough');
  });
});

test('a damaged file of weights is told, not run', async () => {
  const repository = installed('tiny-vit-gpt2');
  const file = repository.version.files.find(({ path }) => path === 'onnx/encoder_model.onnx_data')!;
  repository.chunks.set(file.sha256, new Blob([new Uint8Array(file.sizeBytes)]));
  await expect(open(repository)).rejects.toMatchObject({
    failure: { code: 'model-damaged', files: [file.path] },
  });
});
