import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readChunks, readHeader, writeChunks } from './png.ts';
import { latin1Chunk, tinyPng } from './tiny-png.test-data.ts';

// Written by Pillow 13: 3×2 pixels of grey.
const pillow = Uint8Array.from(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAEElEQVR4nGNkZ2BgYmBgAAAASQALywrnagAAAABJRU5ErkJggg==',
    'base64',
  ),
);

const reason = (png: Uint8Array) => {
  const result = readChunks(png);
  return result.ok ? null : result.reason;
};

const chunksOf = (png: Uint8Array) => {
  const result = readChunks(png);
  if (!result.ok) throw new Error(result.reason);
  return result.value;
};

describe('readChunks', () => {
  it('reads what Pillow wrote, and writes it back byte for byte', () => {
    const chunks = chunksOf(pillow);
    expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'IDAT', 'IEND']);
    expect(writeChunks(chunks)).toEqual(pillow);
  });

  it('reads a view into a larger buffer', () => {
    const buffer = new Uint8Array(pillow.length + 20);
    buffer.set(pillow, 7);
    expect(readHeader(buffer.subarray(7, 7 + pillow.length))).toEqual(readHeader(pillow));
  });

  it('ignores what follows the end', () => {
    const trailed = new Uint8Array([...pillow, 1, 2, 3]);
    expect(readChunks(trailed)).toEqual(readChunks(pillow));
  });

  it('says where a file is cut off, wherever that is', () => {
    for (let length = 0; length < pillow.length; length++) {
      expect(reason(pillow.subarray(0, length))).toMatch(length < 8 ? /not a PNG/ : /cut off/);
    }
  });

  it('notices every changed byte', () => {
    for (let at = 0; at < pillow.length; at++) {
      const changed = pillow.slice();
      changed[at]! ^= 0x20;
      expect(reason(changed), `byte ${at}`).not.toBeNull();
    }
  });

  it('believes no length', () => {
    const lying = pillow.slice();
    new DataView(lying.buffer).setUint32(33, 0xffff_fff0);
    expect(reason(lying)).toBe('IDAT at byte 33 claims 4294967280 bytes');
    new DataView(lying.buffer).setUint32(33, 0x7fff_ffff);
    expect(reason(lying)).toBe('IDAT at byte 33 is cut off');
  });

  it('wants a header first, and names chunks in letters', () => {
    const [header, ...rest] = chunksOf(pillow);
    expect(reason(writeChunks(rest))).toBe('the file does not start with a header');
    expect(reason(writeChunks([latin1Chunk('IHDR', 'short'), ...rest]))).toBe(
      'the file does not start with a header',
    );
    expect(reason(writeChunks([header!, latin1Chunk('a\0 b', 'x'), ...rest]))).toBe('no chunk at byte 33');
  });

  it('never throws', () => {
    const start = Uint8Array.from(pillow.subarray(0, 33));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readChunks(bytes);
        readHeader(bytes);
        readChunks(Uint8Array.of(...start, ...bytes));
      }),
    );
  });
});

describe('readHeader', () => {
  it('needs only the first 33 bytes', () => {
    expect(readHeader(pillow.subarray(0, 33))).toEqual({
      ok: true,
      value: { widthPx: 3, heightPx: 2, bitDepth: 8, colourType: 0 },
    });
  });

  it.each([
    ['no width', 0, 1],
    ['no height', 1, 0],
    ['a width beyond the standard', 0x8000_0000, 1],
  ])('refuses %s', (_, width, height) => {
    const [header, ...rest] = (readChunks(tinyPng()) as { value: { type: string; data: Uint8Array }[] })
      .value;
    const data = header!.data.slice();
    new DataView(data.buffer).setUint32(0, width);
    new DataView(data.buffer).setUint32(4, height);
    const png = writeChunks([{ type: 'IHDR', data }, ...rest]);
    expect(readHeader(png)).toEqual({ ok: false, reason: 'the header has no valid size' });
  });

  it('refuses other files', () => {
    expect(readHeader(new TextEncoder().encode('GIF89a and so on, for many bytes'))).toMatchObject({
      ok: false,
    });
    expect(readHeader(new Uint8Array(0))).toMatchObject({ ok: false });
  });
});
