import { expect, test } from 'vitest';
import { decodeWithBeams } from './beam.ts';
import type { Ask, Decoding } from './decoding.ts';
import golden from './goldens/decoding.golden.json' with { type: 'json' };
import { decodeGreedily } from './greedy.ts';
import { decodeFromNucleus, nucleusOf } from './nucleus.ts';
import { cosine, matchProbability } from './scores.ts';

const WORDS = golden.models[0]![0]!.length;

/** The toy language of the goldens: logits follow from a row's last two tokens. */
function speak(model: number, decoding: Decoding) {
  const [after, before] = golden.models[model]!;
  const asks: Ask[] = [];
  let rows: number[][] = [];
  let step = decoding.next();
  while (!step.done) {
    const ask = step.value;
    asks.push(ask);
    rows = ask.rows.map((row, i) =>
      ask.parents.length === 0 ? [...row] : [...rows[ask.parents[i]!]!, ...row],
    );
    const logits = new Float32Array(rows.length * WORDS);
    for (const [r, row] of rows.entries()) {
      const last = row.at(-1)!;
      const earlier = row.at(-2) ?? last;
      for (let w = 0; w < WORDS; w++) logits[r * WORDS + w] = after![last]![w]! + 0.5 * before![earlier]![w]!;
    }
    step = decoding.next(logits);
  }
  return { ...step.value, asks };
}

function draw(seed: number): number[] {
  const limits = { prompt: [1], endToken: golden.end, maxNewTokens: 20, repetitionPenalty: 1 };
  return speak(1, decodeFromNucleus({ ...limits, topP: 0.95, temperature: 1, seed })).tokens;
}

interface Settings {
  num_beams: number;
  max_new_tokens: number;
  repetition_penalty: number;
  length_penalty?: number;
  early_stopping?: boolean | string;
}

test.each(['greedy', 'beams'])('%s: the same tokens as transformers', (kind) => {
  const cases = golden.cases.filter(({ settings }) => (settings.num_beams === 1) === (kind === 'greedy'));
  expect(cases.length).toBeGreaterThan(30);
  for (const { model, prompt, settings, tokens } of cases) {
    const s = settings as Settings;
    const limits = {
      prompt,
      endToken: golden.end,
      maxNewTokens: s.max_new_tokens,
      repetitionPenalty: s.repetition_penalty,
    };
    const decoding =
      kind === 'greedy'
        ? decodeGreedily(limits)
        : decodeWithBeams({
            ...limits,
            beams: s.num_beams,
            lengthPenalty: s.length_penalty!,
            earlyStopping: s.early_stopping as boolean | 'never',
          });
    const made = speak(model, decoding);
    const hasEnd = tokens.at(-1) === golden.end;
    expect({ settings, tokens: made.tokens }).toEqual({
      settings,
      tokens: hasEnd ? tokens.slice(0, -1) : tokens,
    });
    expect(made.isComplete).toBe(hasEnd);
  }
});

test('the nucleus holds the tokens that transformers keeps, with their odds', () => {
  for (const { topP, logits, probabilities } of golden.nuclei) {
    const nucleus = nucleusOf(Float32Array.from(logits), topP);
    const total = nucleus.reduce((sum, { probability }) => sum + probability, 0);
    const kept = new Map(nucleus.map(({ token, probability }) => [token, probability / total]));
    for (const [token, probability] of probabilities.entries())
      expect(kept.get(token) ?? 0).toBeCloseTo(probability, 5);
  }
});

test('a seed draws the same text again, another seed another one', () => {
  expect(draw(7)).toEqual(draw(7));
  expect(new Set([1, 2, 3, 4, 5, 6].map((seed) => draw(seed).join())).size).toBeGreaterThan(2);
});

test('words can be shown while they come: the best text grows', () => {
  const { asks, tokens } = speak(
    2,
    decodeGreedily({ prompt: [1], endToken: golden.end, maxNewTokens: 9, repetitionPenalty: 1 }),
  );
  expect(asks[0]).toEqual({ rows: [[1]], parents: [], best: [] });
  for (const [i, ask] of asks.entries()) expect(ask.best).toEqual(tokens.slice(0, i));
});

test('scores of a text: a probability and a cosine', () => {
  expect(matchProbability([0, 0])).toBe(0.5);
  expect(matchProbability([-2, 2])).toBeCloseTo(1 / (1 + Math.exp(-4)));
  expect(cosine(Float32Array.of(1, 0), Float32Array.of(3, 4))).toBeCloseTo(0.6);
  expect(cosine(Float32Array.of(0, 0), Float32Array.of(3, 4))).toBe(0);
});
