import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPictureFile } from '#core/metadata/picture-file.ts';
import { tinyPng } from '#core/metadata/tiny-png.test-data.ts';
import { anyText } from '#core/prompt/any-text.test-data.ts';
import { commentExif } from './exif.ts';
import { DEFAULT_PATTERN, exportFileName, freeNames, type NameFacts, unknownTokens } from './file-name.ts';
import { writeJpegWords } from './jpeg.ts';
import { writePngWords } from './png.ts';
import { writeWebpWords } from './webp.ts';
import type { WriteResult } from './words.ts';
import { pictureXmp } from './xmp.ts';

// Headers of a 16 × 8 picture, as encoders begin them; the pixels are no matter here.
const JPEG = new Uint8Array([
  255, 216, 255, 224, 0, 16, 74, 70, 73, 70, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 255, 192, 0, 11, 8, 0, 8, 0, 16, 1,
  1, 17, 0, 255, 218, 0, 8, 1, 1, 0, 0, 63, 0, 18, 255, 217,
]);
const WEBP = riff([['VP8 ', new Uint8Array([0x30, 1, 0, 0x9d, 1, 0x2a, 16, 0, 8, 0, 0])]]);
const WEBP_ALPHA = riff([['VP8L', new Uint8Array([0x2f, 15, 0xc0, 1, 0x10, 0])]]);

function riff(chunks: [string, Uint8Array][]): Uint8Array {
  const body = chunks.flatMap(([type, data]) => [
    ...Buffer.from(type),
    data.length,
    0,
    0,
    0,
    ...data,
    ...(data.length % 2 === 1 ? [0] : []),
  ]);
  return new Uint8Array([...Buffer.from('RIFF'), body.length + 4, 0, 0, 0, ...Buffer.from('WEBP'), ...body]);
}

const noInflate = async function* () {};

async function readBack(result: WriteResult) {
  if (!result.ok) throw new Error(result.reason);
  const read = await readPictureFile(result.file, noInflate);
  if (!read.ok) throw new Error(read.reason);
  const texts = Object.fromEntries(read.value.entries.map(({ keyword, text }) => [keyword, text]));
  return { ...read.value, texts, bytes: Buffer.from(result.file).toString('latin1') };
}

const WRITERS = [
  ['JPEG', JPEG, writeJpegWords],
  ['WebP', WEBP, writeWebpWords],
  ['lossless WebP', WEBP_ALPHA, writeWebpWords],
] as const;

describe.each(WRITERS)('words in a %s', (_, file, write) => {
  it('are read back as they were', async () => {
    const request = JSON.stringify({ format: 1, request: { prompt: '<a> & "b" 🦊 é' } });
    const parameters = 'a fox 🦊, <b> "c"\nSteps: 4, Sampler: Euler, Seed: 7';
    const read = await readBack(write(file, { parameters, xmp: pictureXmp(request) }));
    expect([read.widthPx, read.heightPx]).toEqual([16, 8]);
    expect(read.texts).toMatchObject({ parameters, kiln: request });
    expect(read.bytes).toContain('digitalsourcetype/trainedAlgorithmicMedia');
  });

  it('say only that a model made it, or nothing', async () => {
    const marked = await readBack(write(file, { parameters: null, xmp: pictureXmp(null) }));
    expect(marked.entries.filter(({ keyword }) => keyword !== 'XML:com.adobe.xmp')).toEqual([]);
    expect(marked.bytes).toContain('trainedAlgorithmicMedia');
    const bare = await readBack(write(file, { parameters: null, xmp: null }));
    expect(bare.entries).toEqual([]);
  });

  it('may be any text', async () => {
    await fc.assert(
      fc.asyncProperty(anyText(40), async (text) => {
        // Readers tell the order of bytes by what is likely in a text: ours always ends in words of Latin letters.
        const said = `a${text.toWellFormed().replaceAll('\0', '')}\nSteps: 4, Sampler: Euler a, CFG scale: 1, Seed: 7, Size: 16x8`;
        const read = await readBack(write(file, { parameters: said, xmp: null }));
        expect(read.texts['parameters']?.trim()).toBe(said);
      }),
      { numRuns: 40 },
    );
  });
});

it('leaves out of a JPEG what no segment holds, and says so', async () => {
  const long = 'x'.repeat(40_000);
  const result = writeJpegWords(JPEG, { parameters: long, xmp: pictureXmp('y'.repeat(70_000)) });
  expect(result).toMatchObject({ ok: true, leftOut: ['parameters', 'request'] });
  const read = await readBack(result);
  expect(read.bytes).toContain('trainedAlgorithmicMedia');
});

it('keeps the alpha of a lossless WebP, and replaces words that were there', async () => {
  const once = writeWebpWords(WEBP_ALPHA, { parameters: 'one fox', xmp: null });
  if (!once.ok) throw new Error(once.reason);
  expect(once.file[20]! & 0x10).toBe(0x10);
  const twice = await readBack(writeWebpWords(once.file, { parameters: 'two owls', xmp: null }));
  expect(Object.values(twice.texts)).toEqual(['two owls']);
});

it('writes and strips the words of a PNG', async () => {
  const full = writePngWords(tinyPng(), { parameters: 'a, b', request: '{}', xmp: pictureXmp(null) });
  const read = await readBack(full);
  expect(read.texts).toMatchObject({ parameters: 'a, b', kiln: '{}' });
  if (!full.ok) throw new Error(full.reason);
  const bare = await readBack(writePngWords(full.file, { parameters: null, request: null, xmp: null }));
  expect(bare.entries).toEqual([]);
});

it('refuses what is no such file', () => {
  const none = { parameters: null, xmp: null, request: null };
  expect(writeJpegWords(WEBP, none).ok).toBe(false);
  expect(writeWebpWords(JPEG, none).ok).toBe(false);
  expect(writePngWords(JPEG, none).ok).toBe(false);
  expect(commentExif('').length).toBe(52);
});

describe('exportFileName', () => {
  const facts: NameFacts = {
    number: 12,
    seed: 965400086,
    steps: 4,
    cfg: 1.5,
    widthPx: 256,
    heightPx: 320,
    sampler: 'Euler a',
    schedule: 'Karras',
    modelName: 'org/model',
    modelHash: null,
    prompt: 'a (red fox:1.2), <lora:x:1> den?',
    negativePrompt: '',
    position: 3,
    made: { year: 2026, month: 3, day: 9, hour: 8, minute: 7, second: 6 },
  };
  it.each([
    [DEFAULT_PATTERN, '00012-965400086-a_red_fox_1.2_den.png'],
    ['[date] [model_name] [sampler]', '2026-03-09 org-model Euler a.png'],
    ['[datetime]_[width]x[height]_[batch_number]', '20260309080706_256x320_3.png'],
    ['[cfg] [steps] [model_hash] [nope]', '1.5 4  [nope].png'],
    ['../[prompt_spaces]', 'a red fox 1.2 den.png'],
    ['[', '[.png'],
    ['', '_.png'],
  ])('makes of %j', (pattern, name) => {
    expect(exportFileName(pattern, facts, 'png')).toBe(name);
  });

  it('names tokens it does not know, and keeps files apart', () => {
    expect(unknownTokens('[seed] [nope] []')).toEqual(['nope', '']);
    expect(freeNames(['a.png', 'A.png', 'b.png', 'a.png'])).toEqual([
      'a.png',
      'A (2).png',
      'b.png',
      'a (3).png',
    ]);
  });
});
