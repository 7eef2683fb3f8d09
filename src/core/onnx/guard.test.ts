import { readFileSync } from 'node:fs';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guardModel } from './guard.ts';
import { type Model, readModel, writeModel } from './model.ts';

const fixture = (path: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(path, import.meta.url)));
const mlp = fixture('passes/fixtures/mlp.onnx');
const mlpData = fixture('passes/fixtures/mlp.onnx.data');
const weights = new Map([['mlp.onnx.data', mlpData.length]]);

function reasonFor(file: Uint8Array, declared: ReadonlyMap<string, number> = weights): string {
  const result = guardModel(file, { weights: declared });
  return result.ok ? 'accepted' : result.reason;
}

function changed(change: (model: Model) => void): Uint8Array {
  const model = readModel(mlp);
  change(model);
  return writeModel(model);
}

test('a sound model is answered read', () => {
  const result = guardModel(mlp, { weights });
  expect(result).toEqual({ ok: true, model: readModel(mlp) });
});

test('the tiny models pass, the one that hangs by sheer work included', () => {
  for (const id of ['plain', 'nan', 'flat', 'hang']) {
    for (const part of ['text_encoder', 'unet', 'vae_decoder']) {
      const file = fixture(`../../../e2e/models/tiny-${id}/${part}/model.onnx`);
      expect(reasonFor(file, new Map())).toBe('accepted');
    }
  }
});

/** An If in a graph in an If in a graph …, which is valid protobuf however deep. */
function nested(depth: number): Uint8Array {
  let graph = new BinaryWriter().tag(2, WireType.LengthDelimited).string('end').finish();
  for (let level = 0; level < depth; level++) {
    const attribute = new BinaryWriter().tag(6, WireType.LengthDelimited).bytes(graph).finish();
    const node = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(attribute).finish();
    graph = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(node).finish();
  }
  return new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(graph).finish();
}

/** A length of 2^63: ten bytes of varint. */
const hugeLength = Uint8Array.of(0x3a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01);
const emptyNodes = new BinaryWriter()
  .tag(7, WireType.LengthDelimited)
  .bytes(new Uint8Array(200_002).map((_, index) => (index % 2 === 0 ? 0x0a : 0)))
  .finish();
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe('files that are no sound model get a sentence', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(), /holds no graph/],
    ['a login page', text('<!doctype html><html><title>Log in</title></html>'), /not a readable ONNX file/],
    ['cut in the middle', mlp.slice(0, mlp.length >> 1), /not a readable ONNX file/],
    ['a length of 2^63', hugeLength, /not a readable ONNX file/],
    ['3000 graphs deep', nested(3000), /too deep/],
    ['100 000 nodes', emptyNodes, /100001 nodes/],
    ['a Loop of 2^62 rounds', fixture('../../../e2e/models/hostile/hang.onnx'), /"Loop".*might never end/],
    ['a weight in /etc/passwd', fixture('../../../e2e/models/hostile/outside.onnx'), /no file of this model/],
  ])('%s', (_, file, reason) => {
    expect(reasonFor(file)).toMatch(reason);
  });

  test.each<[string, (model: Model) => void, RegExp]>([
    ['an operator of another set', (m) => (m.graph!.nodes[0]!.domain = 'evil.ops'), /unknown set "evil.ops"/],
    ['an unknown operator set', (m) => (m.opsets[0]!.version = 99), /operator set 99/],
    ['no operator set', (m) => (m.opsets = []), /does not say/],
    ['no output', (m) => (m.graph!.outputs = []), /no output/],
    ['a negative size', (m) => (m.graph!.initializers[0]!.dims = [-1]), /has the size -1/],
    ['a size of 2^62', (m) => (m.graph!.initializers[0]!.dims = [2 ** 31, 2 ** 31]), /would need/],
    ['a wrong size', (m) => (m.graph!.initializers[0]!.dims = [3]), /where its shape needs/],
    ['an unknown type', (m) => (m.graph!.initializers[0]!.dataType = 77), /unknown element type 77/],
    ['two weights of one name', (m) => m.graph!.initializers.push(m.graph!.initializers[0]!), /there twice/],
    [
      'local functions',
      (m) => m.unknown.push({ number: 25, bytes: Uint8Array.of(0xca, 1, 0) }),
      /local functions/,
    ],
    ['too many nodes', (m) => (m.graph!.nodes = Array(50_001).fill(m.graph!.nodes[0])), /50001 nodes/],
  ])('%s', (_, change, reason) => {
    expect(reasonFor(changed(change))).toMatch(reason);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['outside the folder', { location: '../mlp.onnx.data' }, /no file of this model/],
    ['an undeclared file', { location: 'other.data' }, /no file of this model/],
    ['past the end', { offset: '999999' }, /past the end/],
    ['before the start', { offset: '-4' }, /does not say where/],
    ['an offset beyond 2^53', { offset: '9007199254740993' }, /does not say where/],
    ['a length that is not its size', { length: '4' }, /where its shape needs/],
  ])('a weight %s', (_, place, reason) => {
    const file = changed((model) => {
      const tensor = model.graph!.initializers.find((t) => t.dataLocation === 1)!;
      for (const entry of tensor.externalData) entry.value = place[entry.key!] ?? entry.value!;
    });
    expect(reasonFor(file)).toMatch(reason);
  });

  test('too large a file is not even read', () => {
    expect(guardModel(mlp, { weights, maxBytes: 100 })).toMatchObject({ ok: false });
  });
});

const settles = (file: Uint8Array): void => {
  const result = guardModel(file, { weights });
  if (!result.ok) expect(result.reason.length).toBeGreaterThan(10);
};

describe('no bytes make it throw', () => {
  test('random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), settles), { numRuns: 3000 });
  });

  test('a model with some bytes changed, then cut', () => {
    const position = fc.nat(mlp.length - 1);
    const edits = fc.array(fc.tuple(position, fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(edits, fc.option(position), (changes, cut) => {
        const file = mlp.slice(0, cut ?? mlp.length);
        for (const [index, byte] of changes) if (index < file.length) file[index] = byte;
        settles(file);
      }),
      { numRuns: 3000 },
    );
  });
});
