import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUserComment, readExif } from './exif.ts';
import { isShowable, readPictureFile } from './picture-file.ts';
import { jpeg, join, latin1, tiff, utf16, webp } from './picture-file.test-data.ts';
import type { Inflate } from './png-text.ts';
import { latin1Chunk, tinyPng } from './tiny-png.test-data.ts';

const TEXT = 'a fox, café 狐\nSteps: 20, Sampler: Euler a, Seed: 7';
const nothing: Inflate = async function* () {};
const read = async (file: Uint8Array) => {
  const result = await readPictureFile(file, nothing);
  if (!result.ok) throw new Error(result.reason);
  return result.value;
};

describe('EXIF', () => {
  const forms: [string, Uint8Array][] = [
    ['UNICODE, the far end first', join(latin1('UNICODE\0'), utf16(TEXT, false))],
    ['UNICODE, the near end first', join(latin1('UNICODE\0'), utf16(TEXT, true))],
    ['UNICODE with a mark', join(latin1('UNICODE\0'), Uint8Array.of(0xff, 0xfe), utf16(TEXT, true))],
    ['UNICODE that is UTF-8', join(latin1('UNICODE\0'), new TextEncoder().encode(TEXT))],
    ['ASCII that is UTF-8', join(latin1('ASCII\0\0\0'), new TextEncoder().encode(TEXT))],
    ['no name', join(new Uint8Array(8), new TextEncoder().encode(TEXT), Uint8Array.of(0))],
    ['nothing before it', new TextEncoder().encode(TEXT)],
  ];
  it.each(forms)('reads a comment of %s', (_, bytes) => {
    expect(decodeUserComment(bytes)).toBe(TEXT);
  });

  it.each([true, false])('reads both orders and both directories (near end first: %s)', (isLittle) => {
    const comment = { tag: 0x9286, bytes: forms[0]![1] };
    expect(readExif(tiff(isLittle, [], [comment]))).toEqual([{ tag: 'user-comment', text: TEXT }]);
    expect(readExif(tiff(isLittle, [comment]))).toEqual([{ tag: 'user-comment', text: TEXT }]);
    const named = [
      { tag: 0x0131, bytes: latin1('abc\0'), type: 2 },
      { tag: 0x010e, bytes: latin1('a longer one\0'), type: 2 },
    ];
    expect(readExif(join(latin1('Exif\0\0'), tiff(isLittle, named)))).toEqual([
      { tag: 'software', text: 'abc' },
      { tag: 'image-description', text: 'a longer one' },
    ]);
  });

  it('bears any bytes, and lengths that lie', () => {
    const sound = tiff(true, [{ tag: 0x9286, bytes: latin1('ASCII\0\0\0hello') }]);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const bytes = sound.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        readExif(bytes);
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void readExif(bytes)));
  });
});

describe('readPictureFile', () => {
  const exif = tiff(false, [], [{ tag: 0x9286, bytes: join(latin1('UNICODE\0'), utf16(TEXT, false)) }]);

  it.each([
    ['jpeg', jpeg({ exif })],
    ['webp', webp({ exif })],
    ['webp', webp({ exif: join(latin1('Exif\0\0'), exif) })],
  ])('finds the words and the size of a %s', async (kind, file) => {
    expect(await read(file)).toMatchObject({
      kind,
      widthPx: 64,
      heightPx: 48,
      entries: [{ keyword: 'parameters', text: TEXT }],
    });
  });

  it('finds a graph in the tags of a WebP, and the scheme beside a text', async () => {
    const file = webp({
      exif: tiff(true, [
        { tag: 0x010f, bytes: latin1('workflow:{"nodes":[]}'), type: 2 },
        { tag: 0x0110, bytes: latin1('prompt:{"3":{}}'), type: 2 },
        { tag: 0x927c, bytes: latin1('fooocus'), type: 2 },
      ]),
    });
    expect((await read(file)).entries).toEqual([
      { keyword: 'workflow', text: '{"nodes":[]}' },
      { keyword: 'prompt', text: '{"3":{}}' },
      { keyword: 'fooocus_scheme', text: 'fooocus' },
    ]);
  });

  it('takes no camera’s comment for settings', async () => {
    const comment = join(latin1('ASCII\0\0\0'), latin1('A day at the sea'));
    const file = jpeg({ exif: tiff(true, [], [{ tag: 0x9286, bytes: comment }]), comment: 'by me' });
    expect((await read(file)).entries.map(({ keyword }) => keyword)).toEqual(['comment', 'comment']);
  });

  it('reads what lies in XMP, its five entities undone', async () => {
    const xmp =
      '<x:xmpmeta><rdf:Description xmp:CreatorTool="A &amp; B"><exif:UserComment><rdf:Alt>' +
      '<rdf:li xml:lang="x-default">{&quot;c&quot;:&quot;&#x72d0;&quot;}</rdf:li></rdf:Alt></exif:UserComment></rdf:Description></x:xmpmeta>';
    const texts = (await read(jpeg({ xmp }))).entries;
    expect(texts).toContainEqual({ keyword: 'parameters', text: '{"c":"狐"}' });
    expect(texts).toContainEqual({ keyword: 'software', text: 'A & B' });
  });

  it('reads a PNG as before', async () => {
    expect(await read(tinyPng(latin1Chunk('tEXt', 'parameters\0a fox')))).toMatchObject({
      kind: 'png',
      widthPx: 1,
      entries: [{ keyword: 'parameters', text: 'a fox' }],
    });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['a page', latin1('<!doctype html>')],
    ['half a JPEG', jpeg({ exif }).subarray(0, 60)],
    ['half a WebP', webp({ exif }).subarray(0, 80)],
    ['a RIFF that is no picture', latin1('RIFF    WAVEfmt     ')],
  ])('refuses %s', async (_, file) => {
    expect(await readPictureFile(file, nothing)).toMatchObject({ ok: false });
  });

  it('bears any change of a byte', async () => {
    for (const sound of [jpeg({ exif, xmp: '<a/>' }), webp({ exif })]) {
      await fc.assert(
        fc.asyncProperty(fc.nat(sound.length - 1), fc.nat(255), async (at, byte) => {
          const file = sound.slice();
          file[at] = byte;
          await readPictureFile(file, nothing);
        }),
        { numRuns: 200 },
      );
    }
  });

  it('shows no picture that would take all memory', () => {
    expect(isShowable({ widthPx: 4096, heightPx: 4096 })).toBe(true);
    expect(isShowable({ widthPx: 8193, heightPx: 1 })).toBe(false);
    expect(isShowable({ widthPx: 8000, heightPx: 8000 })).toBe(false);
  });
});
