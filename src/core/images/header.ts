/**
 * What a picture file says of itself, read from its bytes before anything is unpacked: its kind by its magic number, never by
 * its name, its size, whether it moves and how it was turned. Any bytes may be given; nothing throws.
 */
import { readJpeg } from './jpeg-header.ts';
import { readGif } from './gif-header.ts';
import { readPng } from './png-header.ts';
import type { HeaderResult } from './picture-header.ts';
import { readWebp } from './webp-header.ts';

type Read = (bytes: Uint8Array) => HeaderResult;

const READERS: readonly { magic: readonly (number | null)[]; read: Read }[] = [
  { magic: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], read: readPng },
  { magic: [0xff, 0xd8, 0xff], read: readJpeg },
  { magic: [0x47, 0x49, 0x46, 0x38, null, 0x61], read: readGif },
  { magic: [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50], read: readWebp },
];

/** Other files that people take for pictures, by what they begin with. */
const OTHERS: readonly { at: number; text: string; found: string }[] = [
  { at: 0, text: '%PDF', found: 'a PDF document' },
  { at: 4, text: 'ftypavif', found: 'an AVIF picture' },
  { at: 4, text: 'ftypheic', found: 'a HEIC picture' },
  { at: 4, text: 'ftypmif1', found: 'a HEIC picture' },
  { at: 4, text: 'ftyp', found: 'a film' },
  { at: 0, text: 'BM', found: 'a BMP picture' },
  { at: 0, text: 'II*\0', found: 'a TIFF picture' },
  { at: 0, text: 'MM\0*', found: 'a TIFF picture' },
  { at: 0, text: '8BPS', found: 'a Photoshop file' },
  { at: 0, text: 'PK\x03\x04', found: 'a zip archive' },
  { at: 0, text: 'RIFF', found: 'a sound or a film' },
];

const TEXT_LOOK_BYTES = 1024;

export function readPictureHeader(bytes: Uint8Array): HeaderResult {
  if (bytes.length === 0) return refused('an empty file');
  const reader = READERS.find(({ magic }) => magic.every((byte, i) => byte === null || byte === bytes[i]));
  if (reader) return reader.read(bytes);
  const start = String.fromCharCode(...bytes.subarray(0, TEXT_LOOK_BYTES));
  const other = OTHERS.find(({ at, text }) => start.startsWith(text, at));
  if (other) return refused(other.found);
  if (/<svg[\s>]/i.test(start)) return refused('an SVG drawing');
  if (/^\s*(<!doctype html|<html)/i.test(start)) return refused('a web page');
  return refused('no picture that this studio knows');
}

function refused(found: string): HeaderResult {
  return { ok: false, found, reason: `it is ${found}` };
}
