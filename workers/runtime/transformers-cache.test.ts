import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AutoTokenizer, env } from '@huggingface/transformers';
import { afterEach, expect, test, vi } from 'vitest';
import type { StoredVersion } from '#storage/library/records.ts';
import type { LibraryStore } from '#storage/library/store.ts';
import { createFileCache, useLibraryFiles } from './transformers-cache.ts';

const NAMES = ['tokenizer.json', 'tokenizer_config.json'];

/** An installed version of the starter's tokenizer; chunks as the database hands them out. */
function installed() {
  const chunks = new Map<string, Blob>();
  const files = NAMES.map((path) => {
    const bytes = readFileSync(new URL(`../../public/models/starter/tokenizer/${path}`, import.meta.url));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    chunks.set(sha256, new Blob([bytes]));
    return {
      path,
      sizeBytes: bytes.length,
      sha256,
      url: null,
      chunks: [{ sha256, sizeBytes: bytes.length }],
    };
  });
  const version: StoredVersion = {
    id: 'words',
    revision: 'r1',
    kind: 'captioner',
    name: 'Words',
    source: { kind: 'files', label: 'a test' },
    manifest: null,
    files,
    installedAt: 0,
    damaged: [],
  };
  const marked: string[] = [];
  const store = {
    chunks: async (names: readonly string[]) => names.map((name) => chunks.get(name)),
    markDamaged: async (names: readonly string[]) => void marked.push(...names),
  } as unknown as LibraryStore;
  return {
    version,
    chunks,
    marked,
    cache: createFileCache(store, async (id) => (id === 'words' ? version : undefined)),
  };
}

const fetchSpy = vi.spyOn(globalThis, 'fetch');
afterEach(() => fetchSpy.mockClear());

test('a tokenizer is read through the library, and nothing is fetched', async () => {
  const { cache } = installed();
  useLibraryFiles(env, cache);
  const tokenizer = await AutoTokenizer.from_pretrained('words');
  const ids = tokenizer.encode('a red apple');
  expect(ids.length).toBeGreaterThan(2);
  expect(tokenizer.decode(ids, { skip_special_tokens: true })).toContain('apple');
  expect(fetchSpy).not.toHaveBeenCalled();
});

test('what is not installed is not there, and is not fetched either', async () => {
  useLibraryFiles(env, installed().cache);
  await expect(AutoTokenizer.from_pretrained('other')).rejects.toThrow();
  expect(fetchSpy).not.toHaveBeenCalled();
});

test('a damaged file is refused, not read', async () => {
  const { cache, chunks, marked, version } = installed();
  const [file] = version.files;
  chunks.set(file!.sha256, new Blob([new Uint8Array(file!.sizeBytes)]));
  await expect(cache.match(`/models/words/${file!.path}`)).rejects.toMatchObject({
    failure: { code: 'model-damaged', files: [file!.path] },
  });
  expect(marked).toEqual([file!.sha256]);
});
