import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHUNK_BYTES, FileWriter, partialBytes, type WrittenFile } from './file-writer.ts';
import { readFile } from './read.ts';
import type { PartialFile } from './records.ts';
import { openSentinel } from './sentinel.ts';
import type { LibraryStore } from './store.ts';

const KEY = { id: 'm', revision: 'r' };

/** What the database keeps of one file, and nothing that was only in memory. */
function disk() {
  const chunks = new Map<string, Blob>();
  const kept: { partial?: PartialFile } = {};
  const store = {
    keepChunk: async (name: string, bytes: Blob, partial: PartialFile) => {
      chunks.set(name, bytes);
      kept.partial = structuredClone(partial);
    },
    keepPartial: async (partial: PartialFile) => {
      kept.partial = structuredClone(partial);
    },
    chunks: async (names: readonly string[]) => names.map((name) => chunks.get(name)),
  } as unknown as LibraryStore;
  return { store, chunks, kept };
}

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 2_654_435_761) >>> 13;
  return bytes;
}

function hash(kind: 'sha1' | 'sha256', bytes: Uint8Array): string {
  const hasher = createHash(kind);
  if (kind === 'sha1') hasher.update(`blob ${bytes.length}\0`);
  return hasher.update(bytes).digest('hex');
}

async function writeAll(bytes: Uint8Array, kills: readonly number[]) {
  const { store, chunks, kept } = disk();
  const file: WrittenFile = { path: 'f', sizeBytes: bytes.length, wantsGitSha1: true };
  let writer = await FileWriter.open(store, KEY, file, undefined);
  for (const at of [...kills, bytes.length]) {
    while (writer.keptBytes < at) {
      const next = Math.min(at, writer.keptBytes + 1_500_000);
      expect(await writer.write(bytes.subarray(writer.keptBytes, next))).toBe(true);
    }
    if (at === bytes.length) break;
    // Some kills come after a save, others lose what was not on the disk.
    if (at % 2 === 0) await writer.save();
    else await writer.settle();
    writer = await FileWriter.open(store, KEY, file, kept.partial);
    expect(writer.keptBytes).toBe(kept.partial === undefined ? 0 : partialBytes(kept.partial));
    if (at % 2 === 0) expect(writer.keptBytes).toBe(at);
  }
  const hashes = await writer.finish();
  return { hashes, writer, store, chunks, kept };
}

test.each([0, 1, 1_000, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES + 12_345])(
  'a file of %i bytes is hashed, cut and read back',
  async (length) => {
    const bytes = bytesOf(length);
    const { hashes, writer, store, kept } = await writeAll(bytes, []);
    expect(hashes).toEqual({ sha256: hash('sha256', bytes), gitSha1: hash('sha1', bytes) });
    expect(writer.chunks.map(({ sizeBytes }) => sizeBytes).reduce((a, b) => a + b, 0)).toBe(length);
    await writer.confirm(hashes.sha256);
    expect(kept.partial).toMatchObject({ sha256: hashes.sha256, tail: null });
    const stored = {
      path: 'f',
      sizeBytes: length,
      sha256: hashes.sha256,
      url: null,
      chunks: [...writer.chunks],
    };
    const read = await readFile(store, stored, () => {});
    if (!read.ok) throw new Error('damaged');
    expect(hash('sha256', new Uint8Array(await read.blob.arrayBuffer()))).toBe(hashes.sha256);
  },
);

test('whatever is killed on the way, what is gone on with hashes as the whole', async () => {
  const bytes = bytesOf(2 * CHUNK_BYTES + 54_321);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(bytes.length - 1), { maxLength: 4 }), async (kills) => {
      const { hashes } = await writeAll(
        bytes,
        kills.sort((a, b) => a - b),
      );
      expect(hashes.sha256).toBe(hash('sha256', bytes));
    }),
    { numRuns: 12 },
  );
});

test('not one byte more than the file has is taken', async () => {
  const { store } = disk();
  const writer = await FileWriter.open(
    store,
    KEY,
    { path: 'f', sizeBytes: 3, wantsGitSha1: false },
    undefined,
  );
  expect(await writer.write(new Uint8Array([1, 2]))).toBe(true);
  expect(await writer.write(new Uint8Array([3, 4]))).toBe(false);
  expect(writer.keptBytes).toBe(2);
});

test('a chunk that is gone, short or changed is named', async () => {
  const bytes = bytesOf(CHUNK_BYTES + 10);
  const { hashes, writer, store, chunks } = await writeAll(bytes, []);
  const file = {
    path: 'f',
    sizeBytes: bytes.length,
    sha256: hashes.sha256,
    url: null,
    chunks: [...writer.chunks],
  };
  const [first, second] = writer.chunks;
  chunks.set(second!.sha256, new Blob([new Uint8Array(10)]));
  expect(await readFile(store, file, () => {})).toEqual({ ok: false, damaged: [second!.sha256] });
  chunks.delete(first!.sha256);
  expect(await readFile(store, file, () => {})).toEqual({
    ok: false,
    damaged: [first!.sha256, second!.sha256],
  });
});

test('what was noted and is not there any more was evicted; what was removed knowingly is forgotten', () => {
  const values = new Map<string, string>();
  const open = () =>
    openSentinel(() => ({
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => void values.set(key, value),
    }));
  const version = {
    ...KEY,
    kind: 'model' as const,
    name: 'M',
    source: { kind: 'origin' as const },
    sizeBytes: 1,
    installedAt: 0,
    active: true,
    manifest: null,
    files: [],
  };
  open().note([version, { ...version, revision: 's' }]);
  open().note([version]);
  expect(
    open()
      .noted()
      .map(({ revision }) => revision),
  ).toEqual(['r', 's']);
  open().forget(KEY);
  expect(
    open()
      .noted()
      .map(({ revision }) => revision),
  ).toEqual(['s']);
  expect([open().takeFirstAsk(), open().takeFirstAsk()]).toEqual([true, false]);
  values.set('kiln.library', '[null, 7, {"id": 1}]');
  expect(open().noted()).toEqual([]);
});
