/** The tiny random BLIP in Node, through the runtime's CPU path, against what `transformers` made of it. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Decoding } from '#core/captioner/decoding.ts';
import { resizePixels } from '#core/images/resize.ts';
import { toTensor } from '#core/images/to-tensor.ts';
import golden from '../../e2e/goldens/captioner-tiny.json' with { type: 'json' };
import { openInNode, TEXT_JOB, type NodeCaptioner } from './node-captioner.test-data.ts';
import { doTask } from './tasks.ts';

let captioner: NodeCaptioner;
beforeAll(async () => {
  captioner = await openInNode(join(import.meta.dirname, '../../e2e/models'), 'tiny-blip');
});
afterAll(() => captioner.close());

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

function seePicture(picture: (typeof golden.pictures)[number]) {
  const { image } = captioner.blip.manifest;
  const { widthPx, heightPx } = picture;
  const tensor = toTensor(
    { data: bytesOf(picture.rgb), widthPx, heightPx },
    {
      widthPx: image.sidePx,
      heightPx: image.sidePx,
      resize: image.resample,
      mean: image.mean,
      std: image.std,
    },
  );
  return { tensor, see: () => captioner.blip.see(tensor) };
}

test.each(golden.pictures)('$name: squeezed as Pillow, normalised as the reference', (picture) => {
  const { sidePx, resample } = captioner.blip.manifest.image;
  const { widthPx, heightPx } = picture;
  const side = { widthPx: sidePx, heightPx: sidePx };
  const squeezed = resizePixels({ data: bytesOf(picture.rgb), widthPx, heightPx }, side, resample);
  expect(Buffer.from(squeezed).equals(Buffer.from(picture.squeezed, 'base64'))).toBe(true);
  const { tensor } = seePicture(picture);
  // The first of each plane.
  for (const [c, value] of picture.pixelValues.entries())
    expect(tensor[c * sidePx * sidePx]).toBeCloseTo(value, 4);
});

test.each(golden.pictures)('$name: teacher-forced logits within 1e-4', async (picture) => {
  const { tokens, logits } = picture.forced;
  const bytes = bytesOf(logits);
  const expected = new Float32Array(bytes.buffer);
  const { vocabSize } = captioner.blip.manifest.text;
  const seen = await seePicture(picture).see();
  const got: Float32Array[] = [];
  function* force(): Decoding {
    for (const [i, token] of tokens.entries())
      got.push(yield { rows: [[token]], parents: i === 0 ? [] : [0], best: [] });
    return { tokens: [], isComplete: false };
  }
  await captioner.blip.describe(seen, force(), TEXT_JOB);
  expect(got).toHaveLength(expected.length / vocabSize);
  for (const [i, row] of got.entries()) {
    const off = Array.from(row, (value, j) => Math.abs(value - expected[i * vocabSize + j]!));
    expect(Math.max(...off)).toBeLessThan(1e-4);
  }
});

test.each(golden.pictures)('$name: the same words, with and without a cache', async (picture) => {
  const seen = await seePicture(picture).see();
  const made = async (task: Parameters<typeof doTask>[2], useCache = true) => {
    const words: string[] = [];
    const job = { ...TEXT_JOB, useCache, onWords: (text: string) => words.push(text) };
    const answer = await doTask(captioner, seen, task, job);
    return answer.kind === 'text' ? { ...answer, words } : null;
  };
  const [, ...greedyTokens] = picture.greedy;
  for (const useCache of [true, false]) {
    const greedy = await made({ kind: 'caption', prefix: '', way: { kind: 'greedy' } }, useCache);
    expect(greedy).toMatchObject({ tokens: greedyTokens, text: picture.words });
    expect(greedy!.words.length).toBeGreaterThan(5);
    const beams = await made({ kind: 'caption', prefix: '', way: { kind: 'beams', beams: 3 } }, useCache);
    expect(beams!.tokens).toEqual(picture.beams3.slice(1));
  }
  const prefixed = await made({ kind: 'caption', prefix: picture.prefix.text, way: { kind: 'greedy' } });
  expect([254, 5, 192, 180, ...prefixed!.tokens]).toEqual(picture.prefix.tokens);
  for (const { question, tokens, beams3, words } of picture.answers) {
    const answer = await made({ kind: 'question', question, way: { kind: 'greedy' } });
    expect(answer).toMatchObject({ tokens: tokens.slice(1), text: words });
    const searched = await made({ kind: 'question', question, way: { kind: 'beams', beams: 3 } });
    expect(searched!.tokens).toEqual(beams3.slice(1));
  }
});

test.each(golden.pictures)('$name: texts fit as the reference says', async (picture) => {
  const seen = await seePicture(picture).see();
  const texts = picture.matches.map(({ text }) => text);
  const answer = await doTask(captioner, seen, { kind: 'match', texts }, { ...TEXT_JOB, onWords: () => {} });
  if (answer.kind !== 'scores') throw new Error('no scores');
  for (const [i, { logits, similarity, ids }] of picture.matches.entries()) {
    expect(captioner.blip.textTokens(texts[i]!)).toEqual(ids);
    expect(answer.scores[i]!.match).toBeCloseTo(1 / (1 + Math.exp(logits[0]! - logits[1]!)), 4);
    expect(answer.scores[i]!.similarity).toBeCloseTo(similarity, 4);
  }
});

test('a cancel stops between two words', async () => {
  const seen = await seePicture(golden.pictures[0]!).see();
  const controller = new AbortController();
  let tokens = 0;
  const onWords = () => {
    tokens++;
    controller.abort(new Error('enough'));
  };
  const task = { kind: 'caption', prefix: '', way: { kind: 'greedy' } } as const;
  const job = { ...TEXT_JOB, signal: controller.signal, onWords };
  await expect(doTask(captioner, seen, task, job)).rejects.toThrow('enough');
  expect(tokens).toBe(1);
});

test('an empty question and one beyond the model’s length are refused', async () => {
  const seen = await seePicture(golden.pictures[0]!).see();
  const ask = (question: string) =>
    doTask(
      captioner,
      seen,
      { kind: 'question', question, way: { kind: 'greedy' } },
      { ...TEXT_JOB, onWords: () => {} },
    );
  await expect(ask('  ')).rejects.toMatchObject({ failure: { code: 'question-empty' } });
  await expect(ask('house '.repeat(100))).rejects.toMatchObject({
    failure: { code: 'text-too-long', tokens: 102, maxTokens: 48 },
  });
});

test('a list of vectors is judged by its thresholds, as Stable Diffusion’s checker does', async () => {
  const seen = await seePicture(golden.pictures[0]!).see();
  const vector = Array.from(seen.embedding!);
  const away = vector.map((value) => -value);
  const list = (threshold: number) => ({
    scope: 'A test.',
    concepts: [
      { id: 'care', name: 'Care', names: ['care'], vector, threshold: 0.5, isCare: true },
      { id: 'like', name: 'Like', names: ['like'], vector, threshold },
      { id: 'unlike', name: 'Unlike', names: ['unlike'], vector: away, threshold },
    ],
  });
  const { blip } = captioner;
  const manifest = { ...blip.manifest, safety: 'safety.json' };
  const judge = (threshold: number) =>
    doTask(
      {
        blip: Object.assign(Object.create(blip) as typeof blip, { manifest }),
        file: async () => list(threshold),
      },
      seen,
      { kind: 'safety' },
      { ...TEXT_JOB, onWords: () => {} },
    );
  // 1 less 1.005 and the 0.01 that care takes away.
  const answer = await judge(1.005);
  if (answer.kind !== 'safety') throw new Error('no scores');
  expect(answer.concepts.map(({ id, score, threshold }) => [id, score >= threshold])).toEqual([
    ['like', true],
    ['unlike', false],
  ]);
});
