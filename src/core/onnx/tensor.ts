/** Tensors as they lie in a model file: their types, sizes, places and values. */
import type { Entry, Tensor } from './model.ts';

/** TensorProto.DataType, the ones that occur in inference graphs. */
export const ElementType = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  uint4: 21,
  int4: 22,
} as const;

const BITS: ReadonlyMap<number, number> = new Map([
  [ElementType.float, 32],
  [ElementType.uint8, 8],
  [ElementType.int8, 8],
  [ElementType.uint16, 16],
  [ElementType.int16, 16],
  [ElementType.int32, 32],
  [ElementType.int64, 64],
  [ElementType.bool, 8],
  [ElementType.float16, 16],
  [ElementType.double, 64],
  [ElementType.uint32, 32],
  [ElementType.uint64, 64],
  [ElementType.bfloat16, 16],
  [ElementType.uint4, 4],
  [ElementType.int4, 4],
]);

const EXTERNAL = 1;

export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** @returns bytes of the tensor's values laid out raw, or null for a type without a fixed size (strings) */
export function rawSizeBytes(tensor: Tensor): number | null {
  const bits = BITS.get(tensor.dataType ?? 0);
  return bits === undefined ? null : Math.ceil((elementCount(tensor.dims) * bits) / 8);
}

export function isExternal(tensor: Tensor): boolean {
  return tensor.dataLocation === EXTERNAL;
}

/** Where a tensor's bytes lie outside the graph file. */
export interface ExternalPlace {
  location: string;
  offset: number;
  /** Null where the file does not say: then the tensor's own size counts. */
  length: number | null;
}

/** @returns null where the tensor is inline, or its place is not one that can be understood */
export function externalPlace(tensor: Tensor): ExternalPlace | null {
  if (!isExternal(tensor)) return null;
  const value = (key: string): string | undefined => tensor.externalData.find((e) => e.key === key)?.value;
  const location = value('location');
  const offset = wholeNumber(value('offset') ?? '0');
  const length = value('length');
  const lengthBytes = length === undefined ? null : wholeNumber(length);
  if (location === undefined || offset === undefined || lengthBytes === undefined) return null;
  return { location: location.replace(/^\.\//, ''), offset, length: lengthBytes };
}

function wholeNumber(digits: string): number | undefined {
  const value = /^\d{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

export function externalEntries(place: { location: string; offset: number; length: number }): Entry[] {
  return Object.entries(place).map(([key, value]) => ({ key, value: String(value), unknown: [] }));
}

/**
 * @returns the values of an inline float32 tensor, however the file wrote them
 * @throws RangeError when the bytes do not fit the shape
 */
export function inlineFloats(tensor: Tensor): Float32Array<ArrayBuffer> {
  const length = elementCount(tensor.dims);
  const raw = tensor.rawData;
  if (raw === undefined ? tensor.floatData.length !== length : raw.length !== length * 4) {
    throw new RangeError(`tensor "${tensor.name ?? ''}" does not hold ${length} values`);
  }
  return raw === undefined ? Float32Array.from(tensor.floatData) : floatsOf(raw);
}

/** Little-endian bytes of any alignment → float32 values (a copy). */
export function floatsOf(raw: Uint8Array): Float32Array<ArrayBuffer> {
  return new Float32Array(Uint8Array.from(raw).buffer);
}

export function rawTensor(name: string, dataType: number, dims: readonly number[], raw: Uint8Array): Tensor {
  return {
    dims: [...dims],
    dataType,
    floatData: [],
    int32Data: [],
    int64Data: [],
    name,
    rawData: raw,
    externalData: [],
    unknown: [],
  };
}
