/** A safetensors file by ranges: the header first, then only the tensors that are asked for. */
import { type Dtype, headerLength, parseHeader, PREFIX_BYTES } from './header.ts';
import type { SafetensorsFault, SafetensorsHeader, TensorPlace } from './header.ts';

/** What a `Blob` and a `File` are, without naming the browser. */
export interface ByteSource {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** Bytes in memory as a source: hundreds of ranges of a `Blob` are hundreds of messages to its keeper. */
export function inMemory(bytes: ArrayBuffer): ByteSource {
  return {
    size: bytes.byteLength,
    slice: (start, end) => ({ arrayBuffer: async () => bytes.slice(start, end) }),
  };
}

export type OpenResult = { ok: true; file: SafetensorsFile } | { ok: false; fault: SafetensorsFault };

export class SafetensorsFile {
  readonly header: SafetensorsHeader;
  readonly #source: ByteSource;

  constructor(header: SafetensorsHeader, source: ByteSource) {
    this.header = header;
    this.#source = source;
  }

  /**
   * @returns the tensor's values, row by row
   * @throws RangeError for a name the file does not have, or a type that holds no real numbers
   */
  async floats(name: string): Promise<Float32Array<ArrayBuffer>> {
    const place = this.header.tensors.get(name);
    if (place === undefined) throw new RangeError(`The file has no tensor "${name}".`);
    return toFloat32(await this.#bytes(place), place.dtype);
  }

  async #bytes({ start, end }: TensorPlace): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(await this.#source.slice(start, end).arrayBuffer());
    if (bytes.length !== end - start) throw new RangeError('The file became shorter while it was read.');
    return bytes;
  }
}

/** Reads the header; no byte of a tensor. */
export async function openSafetensors(source: ByteSource): Promise<OpenResult> {
  const range = async (start: number, end: number) =>
    new Uint8Array(await source.slice(start, end).arrayBuffer());
  const length = headerLength(await range(0, PREFIX_BYTES), source.size);
  if (!length.ok) return length;
  const parsed = parseHeader(await range(PREFIX_BYTES, PREFIX_BYTES + length.bytes), source.size);
  return parsed.ok ? { ok: true, file: new SafetensorsFile(parsed.header, source) } : parsed;
}

/** The types whose values `toFloat32` can give. */
export function isReal(dtype: Dtype): boolean {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16' || dtype === 'F64';
}

/**
 * @param bytes little-endian
 * @throws RangeError for a type that `isReal` does not name
 */
export function toFloat32(bytes: Uint8Array<ArrayBuffer>, dtype: Dtype): Float32Array<ArrayBuffer> {
  // Typed arrays want their alignment: bytes that lie within others are copied.
  const isWhole = bytes.byteLength === bytes.buffer.byteLength;
  const { buffer } = isWhole ? bytes : bytes.slice();
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'BF16': {
      // The upper half of a float32.
      const words = Uint32Array.from(new Uint16Array(buffer), (half) => half << 16);
      return new Float32Array(words.buffer);
    }
    case 'F16':
      return fromHalves(new Uint16Array(buffer));
    default:
      throw new RangeError(`A tensor of type ${dtype} holds no weights.`);
  }
}

let halves: Float32Array | null = null;

/** By a table of all 65 536 values: adapters have millions. */
function fromHalves(bits: Uint16Array): Float32Array<ArrayBuffer> {
  halves ??= Float32Array.from({ length: 65_536 }, (_, half) => fromHalf(half));
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = halves[bits[i]!]!;
  return values;
}

/** IEEE 754 binary16. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
