/** PNG as a list of checked chunks (W3C PNG, third edition, section 5). Any bytes may be given; nothing throws. */

export type PngResult<T> = { ok: true; value: T } | { ok: false; reason: string };

export interface PngChunk {
  /** Four ASCII letters. */
  type: string;
  /** A view into the file, without length, type and checksum. */
  data: Uint8Array;
}

export interface PngHeader {
  widthPx: number;
  heightPx: number;
  bitDepth: number;
  colourType: number;
}

export const PNG_SIGNATURE: readonly number[] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

const HEADER_BYTES = 13;
/** Length, type and checksum around a chunk's data. */
const FRAME_BYTES = 12;
const MAX_CHUNK_BYTES = 0x7fff_ffff;
/** A picture of this many chunks is an attack, not a picture: encoders write one every 8 KB or more. */
const MAX_CHUNKS = 65_536;

/**
 * Walks the chunks up to IEND, checking order, lengths and checksums. What follows IEND is ignored, as decoders do.
 * @returns the chunks with IHDR first and IEND last, or one clause that says what is wrong
 */
export function readChunks(png: Uint8Array): PngResult<PngChunk[]> {
  if (!PNG_SIGNATURE.every((byte, i) => png[i] === byte)) return failed('not a PNG file');
  const chunks: PngChunk[] = [];
  for (let at = PNG_SIGNATURE.length; ; ) {
    const chunk = chunkAt(png, at);
    if (!chunk.ok) return chunk;
    const { type, data } = chunk.value;
    if (chunks.length === 0 && (type !== 'IHDR' || data.length !== HEADER_BYTES)) {
      return failed('the file does not start with a header');
    }
    chunks.push(chunk.value);
    if (type === 'IEND') return { ok: true, value: chunks };
    if (chunks.length === MAX_CHUNKS) return failed(`more than ${MAX_CHUNKS} chunks`);
    at += FRAME_BYTES + data.length;
  }
}

/**
 * The size of a picture, from the first 33 bytes of its file: to be judged before anything is decoded.
 */
export function readHeader(png: Uint8Array): PngResult<PngHeader> {
  if (!PNG_SIGNATURE.every((byte, i) => png[i] === byte)) return failed('not a PNG file');
  const chunk = chunkAt(png, PNG_SIGNATURE.length);
  if (!chunk.ok) return chunk;
  const { type, data } = chunk.value;
  if (type !== 'IHDR' || data.length !== HEADER_BYTES) return failed('the file does not start with a header');
  const view = viewOf(data);
  const header = {
    widthPx: view.getUint32(0),
    heightPx: view.getUint32(4),
    bitDepth: data[8]!,
    colourType: data[9]!,
  };
  const sides = [header.widthPx, header.heightPx];
  if (!sides.every((side) => side >= 1 && side <= MAX_CHUNK_BYTES))
    return failed('the header has no valid size');
  return { ok: true, value: header };
}

/** Signature and chunks as one file, with their lengths and checksums. */
export function writeChunks(chunks: readonly PngChunk[]): Uint8Array<ArrayBuffer> {
  const length = chunks.reduce((sum, { data }) => sum + FRAME_BYTES + data.length, PNG_SIGNATURE.length);
  const png = new Uint8Array(length);
  const view = viewOf(png);
  png.set(PNG_SIGNATURE);
  let at = PNG_SIGNATURE.length;
  for (const { type, data } of chunks) {
    view.setUint32(at, data.length);
    for (let i = 0; i < 4; i++) png[at + 4 + i] = type.charCodeAt(i);
    png.set(data, at + 8);
    view.setUint32(at + 8 + data.length, crc32(png.subarray(at + 4, at + 8 + data.length)));
    at += FRAME_BYTES + data.length;
  }
  return png;
}

function chunkAt(png: Uint8Array, at: number): PngResult<PngChunk> {
  if (png.length - at < FRAME_BYTES) return failed(`cut off at byte ${png.length}`);
  const view = viewOf(png);
  const length = view.getUint32(at);
  const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
  if (!/^[A-Za-z]{4}$/.test(type)) return failed(`no chunk at byte ${at}`);
  if (length > MAX_CHUNK_BYTES) return failed(`${type} at byte ${at} claims ${length} bytes`);
  if (length > png.length - at - FRAME_BYTES) return failed(`${type} at byte ${at} is cut off`);
  const end = at + 8 + length;
  if (view.getUint32(end) !== crc32(png.subarray(at + 4, end)))
    return failed(`${type} at byte ${at} is damaged`);
  return { ok: true, value: { type, data: png.subarray(at + 8, end) } };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function failed(reason: string): { ok: false; reason: string } {
  return { ok: false, reason };
}

/** CRC-32 of ISO 3309, as PNG's annex D has it, a byte at a time. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  return crc;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 0xff]!;
  return (crc ^ 0xffff_ffff) >>> 0;
}
