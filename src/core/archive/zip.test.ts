import { downloadZip } from 'client-zip';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentOffset, END_WINDOW_BYTES, findDirectory, readDirectory } from './zip.ts';

const LIMITS = { maxEntries: 100, maxDirectoryBytes: 1 << 20 };

async function zipOf(files: Record<string, string | Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const entries = Object.entries(files).map(([name, input]) => ({ name, input: input as string }));
  return new Uint8Array(await downloadZip(entries).arrayBuffer());
}

function twoFiles() {
  return zipOf({ 'a.bin': 'hello', 'b.bin': 'world' });
}

function read(zip: Uint8Array, limits = LIMITS) {
  const end = zip.subarray(Math.max(0, zip.length - END_WINDOW_BYTES));
  const directory = findDirectory(end, zip.length, limits);
  if (!directory.ok) return directory;
  const { at, sizeBytes, entries } = directory.value;
  return readDirectory(zip.subarray(at, at + sizeBytes), at, entries);
}

/** Where the directory's record of the n-th entry begins. */
function recordAt(zip: Uint8Array, n: number): number {
  const view = new DataView(zip.buffer);
  for (let at = 0, seen = 0; at + 4 <= zip.length; at++) {
    if (view.getUint32(at, true) === 0x02014b50 && seen++ === n) return at;
  }
  throw new Error('no such record');
}

test('reads back what the writer of this studio wrote', async () => {
  const files = {
    'kiln-library.json': '{}',
    'versions/a/b/unet/model.onnx': new Uint8Array([1, 2, 3]),
    'x/empty': '',
  };
  const zip = await zipOf(files);
  const result = read(zip);
  if (!result.ok) throw new Error(result.reason);
  expect(result.value.map(({ path }) => path)).toEqual(Object.keys(files));
  const entry = result.value[1]!;
  const start = entry.headerAt + contentOffset(zip.subarray(entry.headerAt))!;
  expect([...zip.subarray(start, start + entry.sizeBytes)]).toEqual([1, 2, 3]);
});

test.each([
  ['../outside', 'a name that is not a plain path'],
  ['a/../../b', 'a name that is not a plain path'],
  ['/etc/passwd', 'a name that is not a plain path'],
  ['a\\b', 'a name that is not a plain path'],
  ['a//b', 'a name that is not a plain path'],
])('refuses the name %s', async (name, reason) => {
  expect(read(await zipOf({ [name]: 'x' }))).toEqual({ ok: false, reason: expect.stringContaining(reason) });
});

test('refuses what is compressed, encrypted, there twice, or outside', async () => {
  const change = async (offset: number, value: number, n = 0) => {
    const zip = await twoFiles();
    new DataView(zip.buffer).setUint16(recordAt(zip, n) + offset, value, true);
    return read(zip);
  };
  expect(await change(10, 8)).toEqual({ ok: false, reason: '"a.bin" is compressed' });
  expect(await change(8, 1)).toEqual({ ok: false, reason: '"a.bin" is encrypted' });
  expect(await change(20, 7)).toEqual({ ok: false, reason: '"a.bin" has two sizes' });
  expect(await change(42, 60_000)).toEqual({ ok: false, reason: '"a.bin" lies outside the archive' });
  const twice = await twoFiles();
  twice[recordAt(twice, 1) + 46] = 'a'.charCodeAt(0);
  expect(read(twice)).toEqual({ ok: false, reason: '"a.bin" is there twice' });
});

test('refuses more than the limits before it looks at an entry', async () => {
  const zip = await zipOf({ a: '1', b: '2', c: '3' });
  expect(read(zip, { ...LIMITS, maxEntries: 2 })).toEqual({ ok: false, reason: 'it has too many entries' });
  expect(read(zip, { ...LIMITS, maxDirectoryBytes: 10 })).toEqual({
    ok: false,
    reason: 'its directory is too long',
  });
});

test('an archive of any bytes is read or refused, never more', async () => {
  const sound = await zipOf({ 'kiln-library.json': '{}', 'a/b': 'some bytes' });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.nat(sound.length),
      (changes, length) => {
        const zip = Uint8Array.from(sound);
        for (const [at, value] of changes) zip[at] = value;
        const result = read(zip.slice(0, length));
        if (!result.ok) expect(result.reason).toMatch(/^\S.*\S$/);
        for (const { sizeBytes, headerAt } of result.ok ? result.value : []) {
          expect(headerAt + sizeBytes).toBeLessThanOrEqual(length);
        }
      },
    ),
    { numRuns: 5_000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      read(bytes);
    }),
  );
});
