/**
 * The header of a safetensors file (huggingface/safetensors, format of 2022-09): eight bytes that say how long it
 * is, and JSON that says which tensor lies where. Read from strangers' files, so each rule of the format is held
 * to, and everything is bounded before it is allocated.
 */
import { JsonFault, readHeaderJson, type RawEntry } from './header-json.ts';

export const DTYPE_BITS = {
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  F8_E4M3: 8,
  F8_E5M2: 8,
  I64: 64,
  I32: 32,
  I16: 16,
  I8: 8,
  U64: 64,
  U32: 32,
  U16: 16,
  U8: 8,
  BOOL: 8,
} as const;

export type Dtype = keyof typeof DTYPE_BITS;

export interface TensorPlace {
  dtype: Dtype;
  shape: readonly number[];
  /** From the file's first byte. */
  start: number;
  end: number;
}

export interface SafetensorsHeader {
  /** In the header's order. */
  tensors: ReadonlyMap<string, TensorPlace>;
  metadata: ReadonlyMap<string, string>;
  /** Where the first tensor's bytes begin. */
  dataStart: number;
}

/** Why a file is not taken. `detail` names the tensor or the number. */
export type SafetensorsFault =
  | { kind: 'too-short' | 'not-safetensors' | 'header-too-long' | 'bad-utf8'; detail: string }
  | { kind: 'bad-json' | 'duplicate-key' | 'too-many-tensors' | 'bad-metadata'; detail: string }
  | { kind: 'bad-dtype' | 'bad-shape' | 'bad-size' | 'overlap' | 'gap' | 'tail'; detail: string };

export type HeaderResult = { ok: true; header: SafetensorsHeader } | { ok: false; fault: SafetensorsFault };

export const PREFIX_BYTES = 8;
export const MAX_HEADER_BYTES = 16 * 2 ** 20;
export const MAX_TENSORS = 20_000;
export const MAX_METADATA_CHARACTERS = 2 ** 20;
const MAX_AXES = 8;

class Refusal extends Error {
  readonly fault: SafetensorsFault;
  constructor(kind: SafetensorsFault['kind'], detail: string) {
    super(detail);
    this.fault = { kind, detail };
  }
}

/**
 * @param prefix the file's first eight bytes
 * @returns bytes of the header behind them, or why there can be none
 */
export function headerLength(
  prefix: Uint8Array,
  fileBytes: number,
): { ok: true; bytes: number } | { ok: false; fault: SafetensorsFault } {
  const refuse = (kind: SafetensorsFault['kind'], detail: string) =>
    ({ ok: false, fault: { kind, detail } }) as const;
  if (prefix.length < PREFIX_BYTES || fileBytes < PREFIX_BYTES + 2)
    return refuse('too-short', `${fileBytes} bytes`);
  // A number would round 2^64 - 1 up, and a cast would wrap it.
  const length = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES).getBigUint64(0, true);
  if (length > BigInt(fileBytes - PREFIX_BYTES) || length < 2n)
    return refuse('not-safetensors', `its header would have ${length} bytes`);
  if (length > BigInt(MAX_HEADER_BYTES))
    return refuse('header-too-long', `${length} bytes, ${MAX_HEADER_BYTES} are allowed`);
  return { ok: true, bytes: Number(length) };
}

/**
 * @param json the header, without the eight bytes before it
 * @param fileBytes size of the whole file
 */
export function parseHeader(json: Uint8Array, fileBytes: number): HeaderResult {
  try {
    return { ok: true, header: checkedHeader(json, fileBytes) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, fault: error.fault };
    if (error instanceof JsonFault) return { ok: false, fault: { kind: error.kind, detail: error.message } };
    throw error;
  }
}

function checkedHeader(json: Uint8Array, fileBytes: number): SafetensorsHeader {
  if (json[0] !== 0x7b) throw new Refusal('not-safetensors', 'its header is no JSON object');
  const { entries, metadata } = readHeaderJson(decodeUtf8(json), {
    entries: MAX_TENSORS,
    metadataCharacters: MAX_METADATA_CHARACTERS,
  });
  const dataStart = PREFIX_BYTES + json.length;
  const tensors = new Map<string, TensorPlace>();
  for (const entry of entries) tensors.set(entry.name, checkedPlace(entry, dataStart, fileBytes));
  checkTiling(tensors, dataStart, fileBytes);
  return { tensors, metadata, dataStart };
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal('bad-utf8', 'its header is no UTF-8 text');
  }
}

function checkedPlace(entry: RawEntry, dataStart: number, fileBytes: number): TensorPlace {
  const name = quote(entry.name);
  if (!Object.hasOwn(DTYPE_BITS, entry.dtype))
    throw new Refusal('bad-dtype', `${name} has the type ${quote(entry.dtype)}`);
  const dtype = entry.dtype as Dtype;
  if (entry.shape.length > MAX_AXES) throw new Refusal('bad-shape', `${name} has ${entry.shape.length} axes`);
  // Multiplied one by one, so that no step passes what a number can hold exactly.
  let elements = 1;
  for (const side of entry.shape) {
    elements *= side;
    if (!Number.isSafeInteger(elements))
      throw new Refusal('bad-shape', `${name} has too many elements to count`);
  }
  const [begin, end] = entry.offsets;
  if (end < begin || dataStart + end > fileBytes)
    throw new Refusal('bad-size', `${name} reaches from ${begin} to ${end}, outside the file`);
  const bytes = (elements * DTYPE_BITS[dtype]) / 8;
  if (end - begin !== bytes)
    throw new Refusal('bad-size', `${name} has ${end - begin} bytes where its shape needs ${bytes}`);
  return { dtype, shape: entry.shape, start: dataStart + begin, end: dataStart + end };
}

/** The tensors fill the file from the header to the end: what hides between or behind them is another file. */
function checkTiling(tensors: ReadonlyMap<string, TensorPlace>, dataStart: number, fileBytes: number): void {
  const sorted = [...tensors].sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  let at = dataStart;
  for (const [name, { start, end }] of sorted) {
    if (start < at) throw new Refusal('overlap', `${quote(name)} lies over another tensor`);
    if (start > at) throw new Refusal('gap', `${start - at} bytes before ${quote(name)} belong to nobody`);
    at = end;
  }
  if (at !== fileBytes) throw new Refusal('tail', `${fileBytes - at} bytes after the last tensor`);
}

/** Names come from the file: cut, and shown as JSON so that control characters stay visible. */
function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
