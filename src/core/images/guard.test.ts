import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  animatedPng,
  exifSegment,
  gif,
  jpegHead,
  plainPng,
  pngBomb,
  vp8,
  vp8l,
  vp8x,
  webp,
} from '../../../e2e/picture-files.ts';
import { guardPicture, isAsPromised, judgeFileSize } from './guard.ts';
import { readPictureHeader } from './header.ts';

const text = (value: string) => new TextEncoder().encode(value);

test.each([
  ['png', plainPng(3, 2), { widthPx: 3, heightPx: 2 }],
  ['jpeg', jpegHead(640, 480), { widthPx: 640, heightPx: 480 }],
  ['gif', gif(5, 4, 1), { widthPx: 5, heightPx: 4 }],
  ['webp', webp([vp8(320, 200)]), { widthPx: 320, heightPx: 200 }],
  ['webp', webp([vp8l(321, 201)]), { widthPx: 321, heightPx: 201 }],
  ['webp', webp([vp8x(400, 300), vp8(400, 300)]), { widthPx: 400, heightPx: 300 }],
])('a %s tells its kind and size before it is unpacked', (kind, bytes, size) => {
  expect(readPictureHeader(bytes)).toMatchObject({
    ok: true,
    header: { kind, ...size, isAnimated: false, isCmyk: false, orientation: 1 },
  });
});

test('pictures that move are told from those that do not', () => {
  for (const bytes of [animatedPng(), gif(5, 4, 2), webp([vp8x(9, 9, 2)])])
    expect(readPictureHeader(bytes)).toMatchObject({ ok: true, header: { isAnimated: true } });
});

test('four inks and a turned camera are noticed, in both byte orders', () => {
  expect(readPictureHeader(jpegHead(9, 9, { components: 4 }))).toMatchObject({ header: { isCmyk: true } });
  expect(readPictureHeader(jpegHead(9, 5, { orientation: 6 }))).toMatchObject({ header: { orientation: 6 } });
  const little = Uint8Array.of(0xff, 0xd8, ...exifSegment(8, true), ...jpegHead(9, 5).subarray(2));
  expect(readPictureHeader(little)).toMatchObject({ header: { orientation: 8 } });
});

test('64 KB that would unpack to 2 GB are refused by their header', () => {
  const bomb = pngBomb(23_000);
  expect(bomb.length).toBeLessThan(100_000);
  expect(guardPicture(bomb)).toEqual({
    ok: false,
    failure: {
      code: 'picture-beyond-limits',
      widthPx: 23_000,
      heightPx: 23_000,
      maxSidePx: 8192,
      maxPixels: 40_000_000,
    },
  });
});

test('a side of 8192 and a single pixel are no bombs; a long file is', () => {
  for (const bytes of [plainPng(8192, 1), plainPng(1, 8192), plainPng(1, 1)])
    expect(guardPicture(bytes).ok).toBe(true);
  expect(guardPicture(jpegHead(8192, 8192))).toMatchObject({ failure: { code: 'picture-beyond-limits' } });
  expect(guardPicture(jpegHead(8193, 1))).toMatchObject({ failure: { code: 'picture-beyond-limits' } });
  expect(judgeFileSize(50_000_000)).toBeNull();
  expect(judgeFileSize(50_000_001)).toMatchObject({ code: 'picture-file-too-large' });
});

test.each([
  ['an SVG drawing', text('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ['a web page', text('<!DOCTYPE html><title>Login</title>')],
  ['a PDF document', text('%PDF-1.7')],
  ['a HEIC picture', text('\0\0\0\x18ftypheic')],
  ['a zip archive', text('PK\x03\x04')],
  ['an empty file', new Uint8Array()],
  ['no picture that this studio knows', text('hello')],
])('%s is named and refused', (found, bytes) => {
  expect(guardPicture(bytes)).toEqual({ ok: false, failure: { code: 'not-a-picture', found } });
});

test('a broken header is a sentence, not a guess', () => {
  const noSize = webp([vp8x(400, 300), vp8(4000, 3000)]);
  for (const bytes of [
    noSize,
    plainPng(3, 2).subarray(0, 20),
    jpegHead(0, 480),
    Uint8Array.of(0xff, 0xd8, 0xff, 0xda, 0, 2),
    Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0),
    gif(0, 4, 1),
  ])
    expect(guardPicture(bytes)).toMatchObject({ ok: false, failure: { code: 'picture-unreadable' } });
});

test('what unpacks to another size than promised is a lie; a turn is none', () => {
  const { header } = readPictureHeader(jpegHead(40, 30)) as { header: Parameters<typeof isAsPromised>[0] };
  expect(isAsPromised(header, { widthPx: 40, heightPx: 30 })).toBe(true);
  expect(isAsPromised(header, { widthPx: 30, heightPx: 40 })).toBe(true);
  expect(isAsPromised(header, { widthPx: 400, heightPx: 30 })).toBe(false);
});

test('no bytes make the reader throw or run on', () => {
  const starts = [
    plainPng(3, 2),
    jpegHead(9, 9, { orientation: 6 }),
    gif(5, 4, 2),
    webp([vp8x(9, 9), vp8(9, 9)]),
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...starts),
      fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 6 }),
      fc.nat(120),
      (start, changes, length) => {
        const bytes = Uint8Array.from(start.subarray(0, length));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const read = readPictureHeader(bytes);
        if (!read.ok) return read.reason.length > 0;
        return read.header.widthPx > 0 && read.header.heightPx > 0;
      },
    ),
    { numRuns: 500 },
  );
});
