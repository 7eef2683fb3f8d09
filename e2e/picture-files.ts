/** Picture files made by hand for tests: as small as their formats allow, and as false as attackers make them. */
import { deflateSync } from 'node:zlib';
import { type PngChunk, writeChunks } from '#core/metadata/png.ts';

export function ihdr(widthPx: number, heightPx: number, bitDepth = 8, colourType = 2): PngChunk {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, widthPx);
  view.setUint32(4, heightPx);
  data[8] = bitDepth;
  data[9] = colourType;
  return { type: 'IHDR', data };
}

const END: PngChunk = { type: 'IEND', data: new Uint8Array() };

/** A PNG of one grey. */
export function plainPng(widthPx: number, heightPx: number, extra: PngChunk[] = []): Uint8Array<ArrayBuffer> {
  const rows = Buffer.alloc(heightPx * (1 + 3 * widthPx), 0x80);
  for (let y = 0; y < heightPx; y++) rows[y * (1 + 3 * widthPx)] = 0;
  return writeChunks([
    ihdr(widthPx, heightPx),
    ...extra,
    { type: 'IDAT', data: new Uint8Array(deflateSync(rows)) },
    END,
  ]);
}

/** 64 KB that unpack to 2 GB as pixels: one bit a pixel, all alike. */
export function pngBomb(sidePx: number): Uint8Array<ArrayBuffer> {
  const rows = Buffer.alloc(sidePx * (1 + Math.ceil(sidePx / 8)));
  return writeChunks([
    ihdr(sidePx, sidePx, 1, 0),
    { type: 'IDAT', data: new Uint8Array(deflateSync(rows, { level: 9 })) },
    END,
  ]);
}

export function animatedPng(): Uint8Array<ArrayBuffer> {
  return plainPng(2, 2, [{ type: 'acTL', data: new Uint8Array(8) }]);
}

/** @param components 1 grey, 3 colour, 4 inks */
export function jpegHead(
  widthPx: number,
  heightPx: number,
  { components = 3, orientation }: { components?: number; orientation?: number } = {},
): Uint8Array {
  const app1 = orientation === undefined ? [] : exifSegment(orientation);
  const frame = [0xff, 0xc0, 0, 8 + 3 * components, 8, ...be16(heightPx), ...be16(widthPx), components];
  for (let c = 1; c <= components; c++) frame.push(c, 0x11, 0);
  return Uint8Array.of(0xff, 0xd8, ...app1, ...frame, 0xff, 0xda, 0, 2, 0xff, 0xd9);
}

/** @param little the byte order, as some cameras have one and some the other */
export function exifSegment(orientation: number, little = false): number[] {
  const short = (value: number) => (little ? be16(value).toReversed() : be16(value));
  const long = (value: number) =>
    little ? [...be16(0), ...be16(value)].toReversed() : [0, 0, ...be16(value)];
  const mark = little ? [0x49, 0x49] : [0x4d, 0x4d];
  const entry = [...short(0x0112), ...short(3), ...long(1), ...short(orientation), 0, 0];
  const tiff = [...mark, ...short(42), ...long(8), ...short(1), ...entry, ...long(0)];
  const body = [...Buffer.from('Exif\0\0'), ...tiff];
  return [0xff, 0xe1, ...be16(2 + body.length), ...body];
}

export function gif(widthPx: number, heightPx: number, frames: number): Uint8Array {
  const control = [0x21, 0xf9, 4, 0, 0, 0, 0, 0];
  const image = [0x2c, 0, 0, 0, 0, ...le16(widthPx), ...le16(heightPx), 0, 2, 2, 0x44, 0x01, 0];
  const body = Array.from({ length: frames }, () => [...control, ...image]).flat();
  const table = [0, 0, 0, 255, 255, 255];
  return Uint8Array.of(
    ...Buffer.from('GIF89a'),
    ...le16(widthPx),
    ...le16(heightPx),
    0x80,
    0,
    0,
    ...table,
    ...body,
    0x3b,
  );
}

export function webp(chunks: { type: string; data: number[] }[]): Uint8Array {
  const body = chunks.flatMap(({ type, data }) => {
    const odd = data.length % 2 === 1 ? [0] : [];
    return [...Buffer.from(type), data.length & 255, data.length >> 8, 0, 0, ...data, ...odd];
  });
  return Uint8Array.of(...Buffer.from('RIFF'), body.length + 4, 0, 0, 0, ...Buffer.from('WEBP'), ...body);
}

export function vp8x(widthPx: number, heightPx: number, flags = 0): { type: string; data: number[] } {
  return { type: 'VP8X', data: [flags, 0, 0, 0, ...le24(widthPx - 1), ...le24(heightPx - 1)] };
}

export function vp8(widthPx: number, heightPx: number): { type: string; data: number[] } {
  return {
    type: 'VP8 ',
    data: [0, 0, 0, 0x9d, 0x01, 0x2a, ...be16(widthPx).toReversed(), ...be16(heightPx).toReversed()],
  };
}

export function vp8l(widthPx: number, heightPx: number): { type: string; data: number[] } {
  const packed = (widthPx - 1) | ((heightPx - 1) << 14);
  return {
    type: 'VP8L',
    data: [0x2f, packed & 255, (packed >> 8) & 255, (packed >> 16) & 255, packed >>> 24],
  };
}

function be16(value: number): number[] {
  return [value >> 8, value & 255];
}

function le16(value: number): number[] {
  return [value & 255, value >> 8];
}

function le24(value: number): number[] {
  return [value & 255, (value >> 8) & 255, value >> 16];
}
