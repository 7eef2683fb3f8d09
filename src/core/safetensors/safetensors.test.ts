import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_HEADER_BYTES, MAX_TENSORS } from './header.ts';
import { openSafetensors, toFloat32 } from './safetensors.ts';
import { fileOf, headerJson, safetensors, type TestTensor } from './write.test-data.ts';

const blob = (...parts: Uint8Array<ArrayBuffer>[]): Blob => new Blob(parts);
const four = new Uint8Array(16);
const sound = headerJson({ a: { shape: [2, 2], data: four } });

async function faultOf(file: Blob): Promise<string> {
  const opened = await openSafetensors(file);
  return opened.ok ? 'accepted' : opened.fault.kind;
}

test('reads what was written, in three float types', async () => {
  const file = safetensors(
    {
      single: { shape: [2, 2], data: Float32Array.of(1, -2.5, 3e-8, 65504) },
      half: {
        dtype: 'F16',
        shape: [6],
        data: Uint16Array.of(0x3c00, 0xc100, 0x0001, 0x7bff, 0x8000, 0x0400),
      },
      brain: { dtype: 'BF16', shape: [2], data: Uint16Array.of(0x3f80, 0xc020) },
      empty: { shape: [0, 3], data: new Uint8Array() },
    },
    { format: 'pt', __proto__x: 'y' },
  );
  const opened = await openSafetensors(blob(file));
  if (!opened.ok) throw new Error(opened.fault.detail);
  expect([...(await opened.file.floats('single'))]).toEqual([1, -2.5, Math.fround(3e-8), 65504]);
  expect([...(await opened.file.floats('half'))]).toEqual([1, -2.5, 2 ** -24, 65504, -0, 2 ** -14]);
  expect([...(await opened.file.floats('brain'))]).toEqual([1, -2.5]);
  expect(await opened.file.floats('empty')).toHaveLength(0);
  expect(opened.file.header.metadata.get('format')).toBe('pt');
  await expect(opened.file.floats('none')).rejects.toThrow(RangeError);
});

test('all halves are what they stand for', () => {
  const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  const values = toFloat32(new Uint8Array(bits.buffer), 'F16');
  expect([values[0x7c00], values[0xfc00], values[0x3555]]).toEqual([
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Math.fround(0.333251953125),
  ]);
  expect(values.slice(0x7c01, 0x8000).every(Number.isNaN)).toBe(true);
  expect(values.slice(1, 0x7c00).every((value, i) => value > values[i]!)).toBe(true);
});

test('a key of __proto__ is a key like another', async () => {
  const json = `{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"__metadata__":{"__proto__":"x"}}`;
  const opened = await openSafetensors(blob(fileOf(json, new Uint8Array(4))));
  if (!opened.ok) throw new Error(opened.fault.detail);
  expect([...opened.file.header.tensors.keys()]).toEqual(['__proto__']);
  expect(({} as Record<string, unknown>)['dtype']).toBeUndefined();
});

const place = (begin: number, end: number, shape = '[1]', dtype = 'F32') =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

describe('what is not the format is refused, and says why', () => {
  test.each<[string, Uint8Array<ArrayBuffer>, string]>([
    ['nothing', new Uint8Array(), 'too-short'],
    ['a web page', new TextEncoder().encode('<!doctype html><title>Log in</title>'), 'not-safetensors'],
    ['a header of 2^64 - 1', fileOf(sound, four, 2n ** 64n - 1n), 'not-safetensors'],
    ['a header of 2^53 + 1', fileOf(sound, four, 2n ** 53n + 1n), 'not-safetensors'],
    ['a header past the end', fileOf(sound, four, BigInt(sound.length + 17)), 'not-safetensors'],
    ['a header of nothing', fileOf('', four), 'not-safetensors'],
    ['a list', fileOf('[1, 2]', four), 'not-safetensors'],
    ['a space before the brace', fileOf(` ${sound}`, four), 'not-safetensors'],
    ['bytes that are no UTF-8', fileOf(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), four), 'bad-utf8'],
    ['half a header', fileOf(sound.slice(0, -8), four), 'bad-json'],
    ['a word behind it', fileOf(`${sound}x`, four), 'bad-json'],
    ['a negative side', fileOf(`{"a":${place(0, 16, '[-4]')}}`, four), 'bad-json'],
    ['a fraction', fileOf(`{"a":${place(0, 16, '[4.0]')}}`, four), 'bad-json'],
    ['an exponent', fileOf(`{"a":${place(0, 16, '[4e0]')}}`, four), 'bad-json'],
    [
      'a field of another format',
      fileOf('{"a":{"dtype":"F32","shape":[4],"hook":[0,16]}}', four),
      'bad-json',
    ],
    ['no place', fileOf('{"a":{"dtype":"F32","shape":[4]}}', four), 'bad-json'],
    ['one tensor twice', fileOf(`{"a":${place(0, 4)},"a":${place(4, 16, '[3]')}}`, four), 'duplicate-key'],
    ['the same by an escape', fileOf(`{"a":${place(0, 4)},"\\u0061":${place(4, 8)}}`, four), 'duplicate-key'],
    ['metadata twice', fileOf('{"__metadata__":{},"__metadata__":{}}', new Uint8Array()), 'duplicate-key'],
    [
      'metadata that is a number',
      fileOf(`{"__metadata__":{"a":1},"a":${place(0, 16, '[4]')}}`, four),
      'bad-metadata',
    ],
    ['metadata of 2 MB', fileOf(`{"__metadata__":{"a":"${'x'.repeat(2 ** 21)}"}}`, four), 'bad-metadata'],
    ['an unknown type', fileOf(`{"a":${place(0, 16, '[4]', 'Q4')}}`, four), 'bad-dtype'],
    ['a type of every object', fileOf(`{"a":${place(0, 16, '[4]', 'toString')}}`, four), 'bad-dtype'],
    [
      '2^106 elements',
      fileOf(`{"a":${place(0, 16, '[9007199254740991,9007199254740991]')}}`, four),
      'bad-shape',
    ],
    ['nine axes', fileOf(`{"a":${place(0, 4, '[1,1,1,1,1,1,1,1,1]')}}`, four), 'bad-shape'],
    ['a size that is not its shape', fileOf(`{"a":${place(0, 16, '[3]')}}`, four), 'bad-size'],
    ['an end before its begin', fileOf(`{"a":${place(8, 4, '[0]')}}`, four), 'bad-size'],
    ['a place outside', fileOf(`{"a":${place(0, 20, '[5]')}}`, four), 'bad-size'],
    [
      'two tensors in one place',
      fileOf(`{"a":${place(0, 16, '[4]')},"b":${place(0, 16, '[4]')}}`, four),
      'overlap',
    ],
    ['two that overlap', fileOf(`{"a":${place(0, 8, '[2]')},"b":${place(4, 16, '[3]')}}`, four), 'overlap'],
    ['a gap', fileOf(`{"a":${place(0, 4)},"b":${place(8, 16, '[2]')}}`, four), 'gap'],
    ['a gap before the first', fileOf(`{"a":${place(4, 16, '[3]')}}`, four), 'gap'],
    ['another file behind it', fileOf(sound, new Uint8Array(40)), 'tail'],
    ['no tensor but data', fileOf('{}', four), 'tail'],
  ])('%s', async (_, file, kind) => {
    expect(await faultOf(blob(file))).toBe(kind);
  });

  test('a header of 17 MB is not even read', async () => {
    const claimed = new Uint8Array(8);
    new DataView(claimed.buffer).setBigUint64(0, BigInt(MAX_HEADER_BYTES + 1), true);
    const asked: number[] = [];
    const source = {
      size: 2 ** 30,
      slice: (start: number, end: number) => {
        asked.push(end - start);
        return blob(claimed).slice(0, end - start);
      },
    };
    const opened = await openSafetensors(source);
    expect(opened).toMatchObject({ ok: false, fault: { kind: 'header-too-long' } });
    expect(asked).toEqual([8]);
  });

  test('a million keys, and a name of megabytes', async () => {
    const many = Array.from({ length: MAX_TENSORS + 1 }, (_, i) => `"t${i}":${place(0, 0, '[0]')}`).join();
    expect(await faultOf(blob(fileOf(`{${many}}`, new Uint8Array())))).toBe('too-many-tensors');
    const million = `{${'"k":0,'.repeat(1_000_000)}"k":0}`;
    expect(await faultOf(blob(fileOf(million, new Uint8Array())))).toBe('bad-json');
    const long = `{"${'a\\\\'.repeat(2 ** 20)}":${place(0, 16, '[4]')}}`;
    expect(await faultOf(blob(fileOf(long, four)))).toBe('accepted');
  });
});

const tensor: fc.Arbitrary<TestTensor> = fc
  .array(fc.nat(4), { maxLength: 3 })
  .map((shape) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).map((_, i) => i / 7) }));

test('any set of tensors comes back as it was written', async () => {
  const names = fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .filter((name) => name !== '__metadata__' && name !== '__proto__');
  await fc.assert(
    fc.asyncProperty(fc.dictionary(names, tensor, { maxKeys: 6, noNullPrototype: true }), async (tensors) => {
      const opened = await openSafetensors(blob(safetensors(tensors)));
      if (!opened.ok) throw new Error(opened.fault.detail);
      expect([...opened.file.header.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort());
      for (const [name, { data }] of Object.entries(tensors))
        expect(await opened.file.floats(name)).toEqual(data);
    }),
  );
});

test('no change of a file makes it throw, and none that is taken reaches outside it', async () => {
  const whole = safetensors({
    a: { shape: [2, 2], data: new Float32Array(4) },
    b: { shape: [3], data: new Float32Array(3) },
  });
  const position = fc.nat(whole.length - 1);
  const edits = fc.array(fc.tuple(position, fc.nat(255)), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(edits, fc.option(position), async (changes, cut) => {
      const file = whole.slice(0, cut ?? whole.length);
      for (const [index, byte] of changes) if (index < file.length) file[index] = byte;
      const opened = await openSafetensors(blob(file));
      if (!opened.ok) expect(opened.fault.detail.length).toBeGreaterThan(3);
      else
        for (const { start, end } of opened.file.header.tensors.values())
          expect(start >= 8 && end <= file.length).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
