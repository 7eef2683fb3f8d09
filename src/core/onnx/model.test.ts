import { readdirSync, readFileSync } from 'node:fs';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Model, readModel, writeModel } from './model.ts';

const fixtures = new URL('passes/fixtures/', import.meta.url);
const graphFiles = [
  ...readdirSync(fixtures).map((name) => new URL(name, fixtures)),
  new URL('../../../e2e/models/hostile/hang.onnx', import.meta.url),
  new URL('../../../e2e/models/tiny-plain/unet/model.onnx', import.meta.url),
].filter((url) => url.pathname.endsWith('.onnx'));

test.each(graphFiles.map((url) => [url.pathname.split('/').slice(-2).join('/'), url] as const))(
  '%s comes back byte for byte',
  (_, url) => {
    const file = new Uint8Array(readFileSync(url));
    expect(Buffer.compare(writeModel(readModel(file)), file)).toBe(0);
  },
);

test('a graph is plain data', () => {
  const { graph, opsets } = readModel(readFileSync(new URL('attention.onnx', fixtures)));
  expect(opsets.map(({ domain, version }) => [domain, version])).toEqual([
    ['', 18],
    ['com.microsoft', 1],
  ]);
  expect(graph!.inputs[0]).toMatchObject({
    name: 'ids',
    type: { tensor: { elemType: 7, shape: { dims: [{ value: 1 }, { value: 6 }] } } },
  });
  const gather = graph!.nodes.find((node) => node.opType === 'Gather')!;
  expect(gather.inputs).toHaveLength(2);
  const softmax = graph!.nodes.find((node) => node.opType === 'Softmax')!;
  expect(softmax.attributes[0]).toMatchObject({ name: 'axis', i: -1n });
  expect(graph!.initializers[0]!.externalData.map((entry) => entry.key)).toEqual([
    'location',
    'offset',
    'length',
  ]);
});

test('fields no table knows stay where they were, and fields of another wire type stay too', () => {
  const graph = new BinaryWriter().tag(2, WireType.LengthDelimited).string('g');
  const file = new BinaryWriter();
  file.tag(1, WireType.Varint).int64(8);
  file.tag(6, WireType.LengthDelimited).string('doc');
  file.tag(7, WireType.LengthDelimited).bytes(graph.finish());
  file.tag(7, WireType.Varint).int64(5);
  file.tag(99, WireType.Bit64).double(Math.PI);
  const bytes = file.finish();
  const model = readModel(bytes);
  expect(model.unknown.map((field) => field.number)).toEqual([6, 7, 99]);
  // The stray varint sorts before the graph it shares its number with is written; nothing else moves.
  expect([...writeModel(model)].toSorted()).toEqual([...bytes].toSorted());
  expect(readModel(writeModel(model))).toEqual(model);
});

const fileWithTensor = (write: (w: BinaryWriter) => void): Uint8Array => {
  const inner = new BinaryWriter();
  write(inner);
  const graph = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(inner.finish());
  return new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(graph.finish()).finish();
};

test('lists of numbers are read packed and unpacked alike', () => {
  const packed = fileWithTensor((w) => w.tag(1, WireType.LengthDelimited).fork().int64(2).int64(300).join());
  const unpacked = fileWithTensor((w) =>
    w.tag(1, WireType.Varint).int64(2).tag(1, WireType.Varint).int64(300),
  );
  expect(readModel(packed)).toEqual(readModel(unpacked));
  expect(writeModel(readModel(packed))).toEqual(unpacked);
});

const bad = (write: (w: BinaryWriter) => void) => () => {
  const writer = new BinaryWriter();
  write(writer);
  return readModel(writer.finish());
};

describe('what protobuf would merge or mend is refused', () => {
  const empty = new Uint8Array();
  test.each([
    ['two graphs', bad((w) => w.tag(7, 2).bytes(empty).tag(7, 2).bytes(empty)), /stands twice/],
    ['a name that is no UTF-8', bad((w) => w.tag(2, 2).bytes(Uint8Array.of(0xff, 0xfe))), /./],
    ['a size beyond 2^53', bad((w) => w.tag(1, 0).int64(2n ** 60n)), /too large/],
    [
      'a length of 2^63',
      bad((w) => w.raw(Uint8Array.of(0x3a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1))),
      /beyond/,
    ],
    ['a length beyond the end', bad((w) => w.tag(7, 2).uint32(1000)), /EOF/],
  ])('%s', (_, read, message) => {
    expect(read).toThrow(message);
  });
});

const name = fc.string({ maxLength: 40 });
const optional = <T>(key: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((v) => (v === undefined ? {} : { [key]: v }));
const merge = (parts: object[]): object => Object.assign({ unknown: [] }, ...parts);
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const raw = fc.uint8Array({ maxLength: 40 });
const float = fc.float({ noNaN: true });
const tensor = fc
  .tuple(
    fc.record({
      dims: fc.array(fc.maxSafeInteger()),
      floatData: fc.array(float),
      int32Data: fc.array(fc.integer()),
      int64Data: fc.array(int64),
      externalData: fc.constant([]),
    }),
    optional('name', name),
    optional('rawData', raw),
    optional('dataType', fc.nat(28)),
  )
  .map(merge);
const attribute = fc
  .tuple(
    fc.record({
      floats: fc.array(float),
      ints: fc.array(int64),
      strings: fc.array(raw),
      tensors: fc.array(tensor, { maxLength: 2 }),
      graphs: fc.constant([]),
    }),
    optional('name', name),
    optional('i', int64),
    optional('f', float),
    optional('s', raw),
    optional('t', tensor),
  )
  .map(merge);
const node = fc
  .tuple(
    fc.record({
      inputs: fc.array(name),
      outputs: fc.array(name),
      attributes: fc.array(attribute, { maxLength: 3 }),
    }),
    optional('opType', name),
    optional('domain', name),
  )
  .map(merge);
const model = fc.array(node, { maxLength: 4 }).map((nodes) => ({
  graph: { nodes, initializers: [], inputs: [], outputs: [], valueInfo: [], unknown: [] },
  opsets: [],
  metadata: [],
  unknown: [],
}));

test('any model comes back as it was written', () => {
  fc.assert(
    fc.property(model, (value) => {
      expect(readModel(writeModel(value as unknown as Model))).toEqual(value);
    }),
  );
});
