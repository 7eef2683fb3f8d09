/**
 * An ONNX model as plain data, and its reader and writer (onnx.proto of ONNX 1.18, IR version 3 and later).
 *
 * What a graph pass works on has a name here; everything else (doc strings of nodes, device configurations,
 * fields of later versions) rides along in `unknown` and is written back byte for byte. An int64 is a `bigint`
 * where it is a value, and a number where it counts or sizes something.
 */
import {
  bytes,
  bytesList,
  type Codec,
  count,
  counts,
  decode,
  embedded,
  embeddeds,
  encode,
  float,
  floats,
  int32,
  int64,
  int64s,
  type Message,
  message,
  packedFloats,
  packedInt32s,
  packedInt64s,
  type ReadLimits,
  text,
  texts,
} from './wire.ts';

export interface Model extends Message {
  irVersion?: number;
  producerName?: string;
  producerVersion?: string;
  graph?: Graph;
  opsets: Opset[];
  metadata: Entry[];
}

export interface Opset extends Message {
  /** '' and 'ai.onnx' are the same. */
  domain?: string;
  version?: number;
}

export interface Entry extends Message {
  key?: string;
  value?: string;
}

export interface Graph extends Message {
  nodes: Node[];
  name?: string;
  initializers: Tensor[];
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  valueInfo: ValueInfo[];
}

export interface Node extends Message {
  /** '' stands for an input or output that is left out. */
  inputs: string[];
  outputs: string[];
  name?: string;
  opType?: string;
  attributes: Attribute[];
  domain?: string;
}

export interface Attribute extends Message {
  name?: string;
  f?: number;
  i?: bigint;
  s?: Uint8Array;
  t?: Tensor;
  g?: Graph;
  floats: number[];
  ints: bigint[];
  strings: Uint8Array[];
  tensors: Tensor[];
  graphs: Graph[];
  type?: number;
}

export interface Tensor extends Message {
  dims: number[];
  dataType?: number;
  floatData: number[];
  int32Data: number[];
  int64Data: bigint[];
  name?: string;
  rawData?: Uint8Array;
  externalData: Entry[];
  /** 1: the bytes lie in another file, which `externalData` names. */
  dataLocation?: number;
}

export interface ValueInfo extends Message {
  name?: string;
  type?: ValueType;
}

export interface ValueType extends Message {
  tensor?: TensorType;
}

export interface TensorType extends Message {
  elemType?: number;
  shape?: Shape;
}

export interface Shape extends Message {
  dims: Dim[];
}

/** A size, the name of a size, or neither. */
export interface Dim extends Message {
  value?: number;
  param?: string;
}

const entry = message<Entry>(() => ({ unknown: [] }), { key: text(1), value: text(2) });

const tensor = message<Tensor>(
  () => ({ dims: [], floatData: [], int32Data: [], int64Data: [], externalData: [], unknown: [] }),
  {
    dims: counts(1),
    dataType: int32(2),
    floatData: packedFloats(4),
    int32Data: packedInt32s(5),
    int64Data: packedInt64s(7),
    name: text(8),
    rawData: bytes(9),
    externalData: embeddeds(13, () => entry),
    dataLocation: int32(14),
  },
);

const attribute: Codec<Attribute> = message<Attribute>(
  () => ({ floats: [], ints: [], strings: [], tensors: [], graphs: [], unknown: [] }),
  {
    name: text(1),
    f: float(2),
    i: int64(3),
    s: bytes(4),
    t: embedded(5, () => tensor),
    g: embedded(6, () => graph),
    floats: floats(7),
    ints: int64s(8),
    strings: bytesList(9),
    tensors: embeddeds(10, () => tensor),
    graphs: embeddeds(11, () => graph),
    type: int32(20),
  },
);

const node = message<Node>(() => ({ inputs: [], outputs: [], attributes: [], unknown: [] }), {
  inputs: texts(1),
  outputs: texts(2),
  name: text(3),
  opType: text(4),
  attributes: embeddeds(5, () => attribute),
  domain: text(7),
});

const dim = message<Dim>(() => ({ unknown: [] }), { value: count(1), param: text(2) });
const shape = message<Shape>(() => ({ dims: [], unknown: [] }), { dims: embeddeds(1, () => dim) });
const tensorType = message<TensorType>(() => ({ unknown: [] }), {
  elemType: int32(1),
  shape: embedded(2, () => shape),
});
const valueType = message<ValueType>(() => ({ unknown: [] }), { tensor: embedded(1, () => tensorType) });
const valueInfo = message<ValueInfo>(() => ({ unknown: [] }), {
  name: text(1),
  type: embedded(2, () => valueType),
});

const graph: Codec<Graph> = message<Graph>(
  () => ({ nodes: [], initializers: [], inputs: [], outputs: [], valueInfo: [], unknown: [] }),
  {
    nodes: embeddeds(1, () => node),
    name: text(2),
    initializers: embeddeds(5, () => tensor),
    inputs: embeddeds(11, () => valueInfo),
    outputs: embeddeds(12, () => valueInfo),
    valueInfo: embeddeds(13, () => valueInfo),
  },
);

const opset = message<Opset>(() => ({ unknown: [] }), { domain: text(1), version: count(2) });

const model = message<Model>(() => ({ opsets: [], metadata: [], unknown: [] }), {
  irVersion: count(1),
  producerName: text(2),
  producerVersion: text(3),
  graph: embedded(7, () => graph),
  opsets: embeddeds(8, () => opset),
  metadata: embeddeds(14, () => entry),
});

/** 16 messages deep is a graph inside a graph inside a graph; 8 million fields is a graph file of tens of MB. */
export const DEFAULT_LIMITS: ReadLimits = { depth: 16, fields: 8_000_000 };

/**
 * Byte fields are views of `file`, not copies.
 * @throws Error on bytes that are no ModelProto, or beyond the limits; `guard.ts` answers a sentence instead
 */
export function readModel(file: Uint8Array, limits: ReadLimits = DEFAULT_LIMITS): Model {
  return decode(model, file, limits);
}

export function writeModel(value: Model): Uint8Array<ArrayBuffer> {
  return encode(model, value);
}
