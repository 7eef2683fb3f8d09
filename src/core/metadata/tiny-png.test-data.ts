/** A 1×1 picture for tests. */
import { writeChunks, type PngChunk } from './png.ts';

const header: PngChunk = { type: 'IHDR', data: Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0) };
const pixels: PngChunk = {
  type: 'IDAT',
  data: Uint8Array.of(0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0, 1),
};
const end: PngChunk = { type: 'IEND', data: new Uint8Array(0) };

/** The picture with chunks between its header and its pixels. */
export function tinyPng(...chunks: PngChunk[]): Uint8Array<ArrayBuffer> {
  return writeChunks([header, ...chunks, pixels, end]);
}

/** A chunk whose data is given as Latin-1. */
export function latin1Chunk(type: string, data: string): PngChunk {
  return { type, data: Uint8Array.from(data, (char) => char.charCodeAt(0)) };
}
