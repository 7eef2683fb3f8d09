import { expect, test } from 'vitest';
import { parseConcepts, scoreConcept, sentencesOf } from './concepts.ts';
import golden from './goldens/checker.golden.json' with { type: 'json' };
import { judgeByThresholds } from './thresholds.ts';

const vectors = (list: { vector: number[]; threshold: number }[]) =>
  list.map(({ vector, threshold }) => ({ vector: Float32Array.from(vector), threshold }));

test('pictures are judged as by Stable Diffusion’s own checker', () => {
  const special = vectors(golden.special);
  const concepts = vectors(golden.concepts);
  const answers = golden.pictures.map(({ embedding }) =>
    judgeByThresholds(Float32Array.from(embedding), special, concepts),
  );
  // Goldens of which nothing is found, or everything, would prove nothing.
  expect(new Set(answers.map(({ isFound }) => isFound)).size).toBe(2);
  expect(answers.some((answer) => answer.special.some(({ isFound }) => isFound))).toBe(true);
  for (const [i, picture] of golden.pictures.entries()) {
    const answer = answers[i]!;
    expect(answer.isFound).toBe(picture.isFound);
    for (const [k, score] of picture.specialScores.entries())
      expect(answer.special[k]!.margin).toBeCloseTo(score, 5);
    for (const [k, score] of picture.conceptScores.entries())
      expect(answer.concepts[k]!.margin).toBeCloseTo(score, 5);
  }
});

test('a list is read, or refused with a reason', () => {
  const concept = { id: 'weapons', name: 'Weapons', names: ['dagger', 'bomb'], threshold: 0.4 };
  const read = parseConcepts({ scope: 'What it knows.', concepts: [concept] });
  expect(read.ok && sentencesOf(read.list.concepts[0]!)).toEqual([
    'a picture of a dagger',
    'a picture of a bomb',
  ]);
  expect(parseConcepts({ scope: 'x', concepts: [{ ...concept, prompts: ['one'] }] })).toMatchObject({
    ok: false,
    reason: 'weapons: 1 sentences for 2 names',
  });
  expect(parseConcepts({ concepts: [] }).ok).toBe(false);
  expect(parseConcepts(null).ok).toBe(false);
});

test('a concept is as present as the best of its words', () => {
  const picture = Float32Array.of(1, 0);
  const scored = scoreConcept(picture, [Float32Array.of(0, 1), Float32Array.of(3, 4)]);
  expect(scored.best).toBe(1);
  expect(scored.score).toBeCloseTo(0.6);
});
