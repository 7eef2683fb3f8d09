/** Puts words into a WebP (RFC 9649): the extended form, with its EXIF and XMP chunks after the picture. */
import { readWebp } from '#core/metadata/webp.ts';
import { commentExif } from './exif.ts';
import type { FileWords, WriteResult } from './words.ts';

const HAS_XMP = 0x04;
const HAS_EXIF = 0x08;
const HAS_ALPHA = 0x10;
const MAX_FILE_BYTES = 2 ** 32 - 2;

interface Chunk {
  type: string;
  data: Uint8Array;
}

/** @param webp as an encoder writes it: EXIF and XMP that it has are replaced */
export function writeWebpWords(webp: Uint8Array, { parameters, xmp }: FileWords): WriteResult {
  const read = readWebp(webp);
  if (!read.ok) return read;
  const { widthPx, heightPx } = read.value;
  const chunks = chunksOf(webp);
  const kept = chunks.filter(({ type }) => type !== 'VP8X' && type !== 'EXIF' && type !== 'XMP ');
  const words: Chunk[] = [];
  if (parameters !== null) words.push({ type: 'EXIF', data: commentExif(parameters) });
  if (xmp !== null) words.push({ type: 'XMP ', data: new TextEncoder().encode(xmp) });
  const before = chunks.find(({ type }) => type === 'VP8X')?.data[0] ?? (hasAlpha(chunks) ? HAS_ALPHA : 0);
  const flags =
    (before & ~(HAS_XMP | HAS_EXIF)) | (parameters === null ? 0 : HAS_EXIF) | (xmp === null ? 0 : HAS_XMP);
  const header = new Uint8Array(10);
  header[0] = flags;
  header.set(threeBytes(widthPx - 1), 4);
  header.set(threeBytes(heightPx - 1), 7);
  return { ok: true, leftOut: [], file: writeChunks([{ type: 'VP8X', data: header }, ...kept, ...words]) };
}

/** A lossless picture says in its own header whether it has alpha; a lossy one has a chunk for it. */
function hasAlpha(chunks: readonly Chunk[]): boolean {
  return chunks.some(
    ({ type, data }) => type === 'ALPH' || (type === 'VP8L' && ((data[4] ?? 0) & 0x10) !== 0),
  );
}

/** Of a file that was read whole before. */
function chunksOf(webp: Uint8Array): Chunk[] {
  const view = new DataView(webp.buffer, webp.byteOffset, webp.byteLength);
  const chunks: Chunk[] = [];
  for (let at = 12; at + 8 <= webp.length; ) {
    const length = view.getUint32(at + 4, true);
    const type = String.fromCharCode(...webp.subarray(at, at + 4));
    chunks.push({ type, data: webp.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length % 2);
  }
  return chunks;
}

function writeChunks(chunks: readonly Chunk[]): Uint8Array<ArrayBuffer> {
  const body = chunks.reduce((sum, { data }) => sum + 8 + data.length + (data.length % 2), 4);
  if (body > MAX_FILE_BYTES) throw new RangeError('a WebP cannot be that large');
  const file = new Uint8Array(8 + body);
  const view = new DataView(file.buffer);
  const name = (text: string, at: number) => {
    for (let i = 0; i < 4; i++) file[at + i] = text.charCodeAt(i);
  };
  name('RIFF', 0);
  view.setUint32(4, body, true);
  name('WEBP', 8);
  let at = 12;
  for (const { type, data } of chunks) {
    name(type, at);
    view.setUint32(at + 4, data.length, true);
    file.set(data, at + 8);
    at += 8 + data.length + (data.length % 2);
  }
  return file;
}

function threeBytes(value: number): number[] {
  return [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff];
}
