/**
 * Protobuf messages as plain data, by table: one entry a field, read and written by the same table.
 *
 * Nothing is lost. A field no table knows (or one of another wire type than its table says) is kept with its
 * tag, byte for byte, and written back at its place, because every message is written in ascending order of
 * field numbers, as the exporters do.
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** A field as it stood in the file: tag and payload. */
export interface UnknownField {
  number: number;
  bytes: Uint8Array;
}

export interface Message {
  unknown: UnknownField[];
}

/** What one reading may use; hostile files are deep or have millions of fields of two bytes. */
export interface ReadLimits {
  depth: number;
  fields: number;
}

interface Reading {
  readonly file: Uint8Array;
  depthLeft: number;
  fieldsLeft: number;
}

interface Field<T> {
  readonly number: number;
  /** Answers undefined where the wire type is not one of this field's. */
  read(reader: BinaryReader, wire: WireType, previous: T | undefined, reading: Reading): T | undefined;
  write(writer: BinaryWriter, value: T): void;
}

type Table<M extends Message> = {
  readonly [K in Exclude<keyof M, 'unknown'>]-?: Field<Exclude<M[K], undefined>>;
};

export interface Codec<M extends Message> {
  read(reader: BinaryReader, end: number, reading: Reading): M;
  write(writer: BinaryWriter, message: M): void;
}

/** @param empty makes a message whose lists are empty and whose optional fields are absent */
export function message<M extends Message>(empty: () => M, table: Table<M>): Codec<M> {
  type Entry = { key: keyof M; field: Field<unknown> };
  const entries = Object.entries(table).map(([key, field]) => ({ key, field }) as Entry);
  entries.sort((a, b) => a.field.number - b.field.number);
  const byNumber: (Entry | undefined)[] = [];
  for (const entry of entries) byNumber[entry.field.number] = entry;

  return {
    read(reader, end, reading) {
      if (--reading.depthLeft < 0) throw new RangeError('messages are nested too deep');
      const result = empty();
      while (reader.pos < end) {
        if (--reading.fieldsLeft < 0) throw new RangeError('the file has too many fields');
        const start = reader.pos;
        const [number, wire] = reader.tag();
        if (wire === WireType.LengthDelimited) checkLength(reader, reading.file);
        const entry = byNumber[number];
        const value = entry?.field.read(reader, wire, result[entry.key], reading);
        if (entry && value !== undefined) {
          result[entry.key] = value as M[keyof M];
        } else {
          reader.skip(wire, number);
          result.unknown.push({ number, bytes: reading.file.subarray(start, reader.pos) });
        }
      }
      if (reader.pos !== end) throw new RangeError('a field reaches past the end of its message');
      reading.depthLeft++;
      return result;
    },
    write(writer, value) {
      const unknown = value.unknown.toSorted((a, b) => a.number - b.number);
      let next = 0;
      for (const { key, field } of entries) {
        for (; next < unknown.length && unknown[next]!.number < field.number; next++) {
          writer.raw(unknown[next]!.bytes);
        }
        if (value[key] !== undefined) field.write(writer, value[key]);
      }
      for (; next < unknown.length; next++) writer.raw(unknown[next]!.bytes);
    },
  };
}

/**
 * The library reads the low 32 bits of a length and drops the rest, so 2^63 would pass for 0: what we checked
 * would not be what the runtime reads. Looks at the length ahead without moving on.
 */
function checkLength(reader: BinaryReader, file: Uint8Array): void {
  const start = reader.pos;
  reader.uint32();
  const size = reader.pos - start;
  if (size > 5 || (size === 5 && file[reader.pos - 1]! > 0x0f))
    throw new RangeError('a length is beyond 2^32');
  reader.pos = start;
}

/** @throws Error on bytes that are no such message, or beyond the limits */
export function decode<M extends Message>(codec: Codec<M>, bytes: Uint8Array, limits: ReadLimits): M {
  const reader = new BinaryReader(bytes, decodeUtf8);
  return codec.read(reader, reader.len, { file: bytes, depthLeft: limits.depth, fieldsLeft: limits.fields });
}

export function encode<M extends Message>(codec: Codec<M>, value: M): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  codec.write(writer, value);
  return writer.finish();
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** A name that is no UTF-8 would come back changed, so it is refused. */
const decodeUtf8 = (bytes: Uint8Array): string => utf8.decode(bytes);

function toNumber(value: bigint | string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`the whole number ${value} is too large`);
  return number;
}

interface Scalar<T> {
  wire: WireType;
  read(reader: BinaryReader): T;
  write(writer: BinaryWriter, value: T): void;
}

const scalars = {
  int32: { wire: WireType.Varint, read: (r) => r.int32(), write: (w, v) => w.int32(v) } as Scalar<number>,
  /** An int64 that counts or sizes something: a number, refused beyond 2^53. */
  count: {
    wire: WireType.Varint,
    read: (r) => toNumber(r.int64()),
    write: (w, v) => w.int64(v),
  } as Scalar<number>,
  int64: {
    wire: WireType.Varint,
    read: (r) => BigInt(r.int64()),
    write: (w, v) => w.int64(v),
  } as Scalar<bigint>,
  float: { wire: WireType.Bit32, read: (r) => r.float(), write: (w, v) => w.float(v) } as Scalar<number>,
  text: {
    wire: WireType.LengthDelimited,
    read: (r) => r.string(true),
    write: (w, v) => w.string(v),
  } as Scalar<string>,
  bytes: {
    wire: WireType.LengthDelimited,
    read: (r) => r.bytes(),
    write: (w, v) => w.bytes(v),
  } as Scalar<Uint8Array>,
};

function single<T>(scalar: Scalar<T>): (number: number) => Field<T> {
  return (number) => ({
    number,
    read: (reader, wire) => (wire === scalar.wire ? scalar.read(reader) : undefined),
    write: (writer, value) => scalar.write(writer.tag(number, scalar.wire), value),
  });
}

/** Read packed or not, as protobuf asks of every reader. */
function list<T>(scalar: Scalar<T>, packed: boolean): (number: number) => Field<T[]> {
  return (number) => ({
    number,
    read(reader, wire, previous = [], reading) {
      if (wire === scalar.wire) {
        previous.push(scalar.read(reader));
        return previous;
      }
      if (wire !== WireType.LengthDelimited) return undefined;
      const end = reader.uint32() + reader.pos;
      if (end > reader.len) throw new RangeError('premature EOF');
      while (reader.pos < end) {
        if (--reading.fieldsLeft < 0) throw new RangeError('the file has too many fields');
        previous.push(scalar.read(reader));
      }
      if (reader.pos !== end) throw new RangeError('a packed list ends inside a value');
      return previous;
    },
    write(writer, values) {
      if (!packed) {
        for (const value of values) scalar.write(writer.tag(number, scalar.wire), value);
      } else if (values.length > 0) {
        writer.tag(number, WireType.LengthDelimited).fork();
        for (const value of values) scalar.write(writer, value);
        writer.join();
      }
    },
  });
}

export const int32 = single(scalars.int32);
export const count = single(scalars.count);
export const int64 = single(scalars.int64);
export const float = single(scalars.float);
export const text = single(scalars.text);
export const bytes = single(scalars.bytes);
export const texts = list(scalars.text, false);
export const bytesList = list(scalars.bytes, false);
export const counts = list(scalars.count, false);
export const int64s = list(scalars.int64, false);
export const floats = list(scalars.float, false);
export const packedFloats = list(scalars.float, true);
export const packedInt32s = list(scalars.int32, true);
export const packedInt64s = list(scalars.int64, true);

function readEmbedded<M extends Message>(codec: Codec<M>, reader: BinaryReader, reading: Reading): M {
  const end = reader.uint32() + reader.pos;
  if (end > reader.len) throw new RangeError('premature EOF');
  return codec.read(reader, end, reading);
}

/** @param codec a function, because attributes hold graphs that hold attributes */
export function embedded<M extends Message>(number: number, codec: () => Codec<M>): Field<M> {
  return {
    number,
    read(reader, wire, previous, reading) {
      if (wire !== WireType.LengthDelimited) return undefined;
      // Protobuf would merge the two: what we checked would not be what the runtime runs.
      if (previous !== undefined) throw new RangeError('a field that may stand once stands twice');
      return readEmbedded(codec(), reader, reading);
    },
    write(writer, value) {
      codec().write(writer.tag(number, WireType.LengthDelimited).fork(), value);
      writer.join();
    },
  };
}

export function embeddeds<M extends Message>(number: number, codec: () => Codec<M>): Field<M[]> {
  return {
    number,
    read(reader, wire, previous = [], reading) {
      if (wire !== WireType.LengthDelimited) return undefined;
      previous.push(readEmbedded(codec(), reader, reading));
      return previous;
    },
    write(writer, values) {
      for (const value of values) {
        codec().write(writer.tag(number, WireType.LengthDelimited).fork(), value);
        writer.join();
      }
    },
  };
}
