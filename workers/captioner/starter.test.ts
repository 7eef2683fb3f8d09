/** The captioner that ships, in Node through the runtime's CPU path, against `transformers` on 200 pictures. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Decoding } from '#core/captioner/decoding.ts';
import { toTensor } from '#core/images/to-tensor.ts';
import golden from '../../e2e/goldens/captioner.json' with { type: 'json' };
import type { Seen } from './blip.ts';
import { openInNode, TEXT_JOB, type NodeCaptioner } from './node-captioner.test-data.ts';
import { readSheet } from './read-sheet.test-data.ts';
import { doTask } from './tasks.ts';

const ROOT = join(import.meta.dirname, '../..');
const JOB = { ...TEXT_JOB, onWords: () => {} };
const PARTS = 10;

let captioner: NodeCaptioner;
const seen: Seen[] = [];
beforeAll(async () => {
  captioner = await openInNode(join(ROOT, 'public/models'), 'captioner');
  const { across, sidePx, file } = golden.sheet;
  const sheet = readSheet(join(ROOT, 'e2e/goldens', file));
  for (const n of golden.pictures.keys()) {
    const data = new Uint8Array(sidePx * sidePx * 3);
    for (let y = 0; y < sidePx; y++) {
      const from = ((Math.floor(n / across) * sidePx + y) * sheet.widthPx + (n % across) * sidePx) * 3;
      data.set(sheet.data.subarray(from, from + sidePx * 3), y * sidePx * 3);
    }
    const { image } = captioner.blip.manifest;
    const tensor = toTensor(
      { data, widthPx: sidePx, heightPx: sidePx },
      {
        widthPx: image.sidePx,
        heightPx: image.sidePx,
        resize: image.resample,
        mean: image.mean,
        std: image.std,
      },
    );
    seen.push(await captioner.blip.see(tensor));
  }
}, 120_000);
afterAll(() => captioner.close());

/** The reference's tokens without the one that begins a text and the one that ends it. */
function said(tokens: readonly number[]): number[] {
  return tokens.slice(1).filter((token) => token !== captioner.blip.manifest.text.sepId);
}

test('the goldens are 200 pictures of which at least 100 different things are said', () => {
  expect(golden.pictures).toHaveLength(200);
  expect(new Set(golden.pictures.map(({ words }) => words)).size).toBeGreaterThanOrEqual(100);
});

test('of the tokens that the weights say as trained, their 8-bit form says at least 98 %', () => {
  for (const way of ['greedy', 'beams3'] as const) {
    let same = 0;
    let all = 0;
    for (const { shipped, trained } of golden.pictures) {
      const [a, b] = [shipped[way], trained[way]];
      all += Math.max(a.length, b.length);
      same += a.filter((token, i) => token === b[i]).length;
    }
    expect(same / all, way).toBeGreaterThanOrEqual(0.98);
  }
});

describe.each(Array.from({ length: PARTS }, (_, part) => ({ part })))('part $part of ten', ({ part }) => {
  const each = golden.pictures.map((picture, n) => ({ picture, n })).filter(({ n }) => n % PARTS === part);

  test('greedy and with three beams: every token', async () => {
    for (const { picture, n } of each) {
      const say = async (way: { kind: 'greedy' } | { kind: 'beams'; beams: number }) => {
        const answer = await doTask(captioner, seen[n]!, { kind: 'caption', prefix: '', way }, JOB);
        return answer.kind === 'text' ? answer : null;
      };
      const greedy = await say({ kind: 'greedy' });
      expect(greedy?.tokens, `${n}`).toEqual(said(picture.shipped.greedy));
      expect(greedy?.text, `${n}`).toBe(picture.words);
      expect((await say({ kind: 'beams', beams: 3 }))?.tokens, `${n}`).toEqual(said(picture.shipped.beams3));
    }
  });

  test('of every fourth, teacher-forced scores, answers and how well texts fit', async () => {
    for (const { picture, n } of each.filter((_, k) => k % 4 === 0)) {
      const { forced, answers, matches } = picture.shipped;
      const rows: Float32Array[] = [];
      function* force(): Decoding {
        for (const [i, token] of forced.tokens.entries())
          rows.push(yield { rows: [[token]], parents: i === 0 ? [] : [0], best: [] });
        return { tokens: [], isComplete: false };
      }
      await captioner.blip.describe(seen[n]!, force(), TEXT_JOB);
      const off = rows.flatMap((row, i) =>
        forced.ids[i]!.map((id, k) => Math.abs(row[id]! - forced.logits[i]![k]!)),
      );
      expect(Math.max(...off), `scores of ${n}`).toBeLessThan(2e-3);
      for (const [k, question] of picture.questions.entries()) {
        const way = { kind: 'greedy' } as const;
        const answer = await doTask(captioner, seen[n]!, { kind: 'question', question, way }, JOB);
        expect(answer.kind === 'text' && answer.tokens, question).toEqual(said(answers[k]!));
      }
      const fits = await doTask(captioner, seen[n]!, { kind: 'match', texts: picture.texts }, JOB);
      if (fits.kind !== 'scores') throw new Error('no scores');
      for (const [k, [similarity, no, yes]] of matches.entries()) {
        expect(Math.abs(fits.scores[k]!.similarity - similarity!), `${n}`).toBeLessThan(1e-3);
        expect(Math.abs(fits.scores[k]!.match - 1 / (1 + Math.exp(no! - yes!))), `${n}`).toBeLessThan(2e-3);
      }
    }
  });
});
