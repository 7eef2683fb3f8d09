import { deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '#core/prompt/any-text.test-data.ts';
import { readChunks, type PngChunk } from './png.ts';
import { insertTexts, MAX_TEXT_BYTES, MAX_TEXT_CHUNKS, readTexts, type PngText } from './png-text.ts';
import { latin1Chunk, tinyPng } from './tiny-png.test-data.ts';

let inflatedBytes = 0;

async function* inflate(compressed: Uint8Array): AsyncGenerator<Uint8Array> {
  const stream = new Blob([Uint8Array.from(compressed)])
    .stream()
    .pipeThrough(new DecompressionStream('deflate'));
  for await (const piece of stream) {
    inflatedBytes += piece.length;
    yield piece;
  }
}

async function textsOf(png: Uint8Array) {
  const result = await readTexts(png, inflate);
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

function insert(png: Uint8Array, entries: PngText[]) {
  const result = insertTexts(png, entries);
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

function typesOf(png: Uint8Array) {
  const result = readChunks(png);
  return result.ok ? result.value.map(({ type }) => type) : [];
}

function zTxt(keyword: string, text: string): PngChunk {
  const head = latin1Chunk('zTXt', `${keyword}\0\0`);
  return { type: 'zTXt', data: Uint8Array.from([...head.data, ...deflateSync(Buffer.from(text, 'latin1'))]) };
}

const many = (count: number) => tinyPng(...Array.from({ length: count }, () => latin1Chunk('tEXt', 'k\0v')));

describe('readTexts', () => {
  it('reads all three kinds as Pillow writes them', async () => {
    const pillow = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAPXRFWHRwYXJhbWV0ZXJzAGNhZukgZm94ClN0ZXBzOiAyMCwgU2FtcGxlcjog' +
        'RXVsZXIgYSwgQ0ZHIHNjYWxlOiA3wtNusgAAABd6VFh0cGFja2VkAAB4nEvLr1BIGwYYABKaR0vVel8YAAAAGmlUWHRrYW5qaQAAAGph' +
        'AOa8ouWtlwDni5Ag8J+mijPRo5sAAAAfaVRYdHBhY2tlZCBrYW5qaQABAAAAeJx73j3h+UAgAAoVUFHhApQuAAAAEElEQVR4nGNkZ2Bg' +
        'YmBgAAAASQALywrnagAAAABJRU5ErkJggg==',
      'base64',
    );
    expect(await textsOf(pillow)).toEqual({
      entries: [
        { keyword: 'parameters', text: 'café fox\nSteps: 20, Sampler: Euler a, CFG scale: 7' },
        { keyword: 'packed', text: 'fox '.repeat(50) },
        { keyword: 'kanji', text: '狐 🦊' },
        { keyword: 'packed kanji', text: '狐'.repeat(40) },
      ],
      skipped: [],
    });
  });

  it('skips what is malformed and reads the rest', async () => {
    const png = tinyPng(
      latin1Chunk('tEXt', 'no end'),
      latin1Chunk('tEXt', '\0empty keyword'),
      latin1Chunk('zTXt', 'method\0\x01x'),
      latin1Chunk('zTXt', 'damaged\0\0not zlib'),
      latin1Chunk('iTXt', 'flag\0\x02\0\0\0x'),
      latin1Chunk('iTXt', 'no language\0\0\0'),
      latin1Chunk('iTXt', 'utf8\0\0\0\0\0\xff\xfe'),
      latin1Chunk('tEXt', 'good\0text'),
      latin1Chunk('tEXt', 'nothing\0'),
    );
    expect(await textsOf(png)).toEqual({
      entries: [
        { keyword: 'good', text: 'text' },
        { keyword: 'nothing', text: '' },
      ],
      skipped: [
        { keyword: 'no end', reason: 'malformed' },
        { keyword: '', reason: 'malformed' },
        { keyword: 'method', reason: 'malformed' },
        { keyword: 'damaged', reason: 'damaged' },
        { keyword: 'flag', reason: 'malformed' },
        { keyword: 'no language', reason: 'malformed' },
        { keyword: 'utf8', reason: 'not valid UTF-8' },
      ],
    });
  });

  it('stops unpacking a bomb at its limit', async () => {
    inflatedBytes = 0;
    const png = tinyPng(zTxt('bomb', 'x'.repeat(50_000_000)), latin1Chunk('tEXt', 'after\0still read'));
    expect(await textsOf(png)).toEqual({
      entries: [{ keyword: 'after', text: 'still read' }],
      skipped: [{ keyword: 'bomb', reason: 'too long' }],
    });
    expect(inflatedBytes).toBeLessThan(2 * MAX_TEXT_BYTES);
  });

  it('counts all texts of a file together', async () => {
    const half = 'y'.repeat(MAX_TEXT_BYTES / 2);
    const texts = await textsOf(
      tinyPng(zTxt('a', half), latin1Chunk('tEXt', `b\0${half}`), latin1Chunk('tEXt', 'c\0x')),
    );
    expect(texts.entries.map(({ keyword }) => keyword)).toEqual(['a', 'b']);
    expect(texts.skipped).toEqual([{ keyword: 'c', reason: 'too long' }]);
  });

  it('refuses too many chunks, and files that are not whole', async () => {
    expect((await textsOf(many(MAX_TEXT_CHUNKS))).entries.length).toBe(MAX_TEXT_CHUNKS);
    expect(await readTexts(many(MAX_TEXT_CHUNKS + 1), inflate)).toEqual({
      ok: false,
      reason: 'more than 64 text chunks',
    });
    expect(await readTexts(tinyPng().subarray(0, 40), inflate)).toMatchObject({ ok: false });
  });
});

describe('insertTexts', () => {
  it('writes tEXt where Latin-1 can say it, else iTXt, right after the header', async () => {
    const entries = [
      { keyword: 'parameters', text: 'naïve café\n\x85ÿ' },
      { keyword: 'kiln', text: '狐' },
    ];
    const png = insert(tinyPng(), entries);
    expect(typesOf(png)).toEqual(['IHDR', 'tEXt', 'iTXt', 'IDAT', 'IEND']);
    expect((await textsOf(png)).entries).toEqual(entries);
  });

  it('writes iTXt where it is asked to', async () => {
    const png = insert(tinyPng(), [{ keyword: 'XML:com.adobe.xmp', text: '<x/>', international: true }]);
    expect(typesOf(png)).toEqual(['IHDR', 'iTXt', 'IDAT', 'IEND']);
    expect((await textsOf(png)).entries).toEqual([{ keyword: 'XML:com.adobe.xmp', text: '<x/>' }]);
  });

  it('replaces texts of the same keyword, of any kind, and keeps others', async () => {
    const given = tinyPng(
      latin1Chunk('tEXt', 'a\0old'),
      zTxt('a', 'older'),
      latin1Chunk('iTXt', 'a\0\0\0\0\0oldest'),
      latin1Chunk('tEXt', 'b\0stays'),
      latin1Chunk('gAMA', 'a\0no text'),
    );
    const png = insert(given, [{ keyword: 'a', text: 'new' }]);
    expect((await textsOf(png)).entries).toEqual([
      { keyword: 'a', text: 'new' },
      { keyword: 'b', text: 'stays' },
    ]);
    expect(typesOf(png)).toEqual(['IHDR', 'tEXt', 'tEXt', 'gAMA', 'IDAT', 'IEND']);
  });

  it.each(['', ' a', 'a ', 'a  b', 'a\nb', '狐', 'k'.repeat(80), '\xa0'])(
    'refuses the keyword %j',
    (keyword) => {
      expect(insertTexts(tinyPng(), [{ keyword, text: '' }])).toMatchObject({ ok: false });
    },
  );

  it('refuses a NUL and a broken file', () => {
    expect(insertTexts(tinyPng(), [{ keyword: 'a', text: 'b\0c' }])).toMatchObject({ ok: false });
    expect(insertTexts(tinyPng().subarray(0, 50), [])).toMatchObject({ ok: false });
  });

  it('brings any text back', async () => {
    const keyword = fc.string({ unit: fc.constantFrom('a', 'B', ':', 'é'), minLength: 1, maxLength: 79 });
    const text = anyText().map((s) => s.replaceAll('\0', '').toWellFormed());
    await fc.assert(
      fc.asyncProperty(fc.dictionary(keyword, text, { maxKeys: 5, noNullPrototype: true }), async (texts) => {
        const entries = Object.entries(texts).map(([key, value]) => ({ keyword: key, text: value }));
        const png = insert(tinyPng(), entries);
        expect((await textsOf(png)).entries).toEqual(entries);
        expect(Buffer.compare(insert(png, entries), png)).toBe(0);
      }),
    );
  });
});
