/**
 * The list of concepts that a safety check looks for, and their scores. A concept is as present as the best of its sentences
 * fits the picture, by the cosine of contrastive vectors: the form of Stable Diffusion's checker, with names in place of secrets.
 */
import * as v from 'valibot';
import { cosine } from '#core/captioner/scores.ts';

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

const schema = v.object({
  /** What the list knows and what it does not, for people. */
  scope: v.pipe(v.string(), v.minLength(1), v.maxLength(600)),
  concepts: v.pipe(
    v.array(
      v.object({
        id: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/)),
        name: text,
        names: v.pipe(v.array(text), v.minLength(1), v.maxLength(100)),
        /** The exact sentence of each name, in their order. */
        prompts: v.optional(v.array(text)),
        /** Stands in place of sentences, as Stable Diffusion's checker has it. */
        vector: v.optional(
          v.pipe(v.array(v.pipe(v.number(), v.finite())), v.minLength(1), v.maxLength(4096)),
        ),
        /** Once found, it lowers the thresholds of those that follow: see `thresholds.ts`. */
        isCare: v.optional(v.boolean(), false),
        threshold: v.pipe(v.number(), v.finite()),
      }),
    ),
    v.minLength(1),
    v.maxLength(50),
  ),
});

export type ConceptList = v.InferOutput<typeof schema>;
export type ConceptListResult = { ok: true; list: ConceptList } | { ok: false; reason: string };

export function parseConcepts(value: unknown): ConceptListResult {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    return { ok: false, reason: `${v.getDotPath(issue) ?? 'list'}: ${issue.message}` };
  }
  const { concepts } = parsed.output;
  if (
    concepts.some(({ vector }) => vector !== undefined) &&
    concepts.some(({ vector }) => vector === undefined)
  )
    return { ok: false, reason: 'some concepts are vectors and some are sentences' };
  for (const { id, names, prompts } of concepts) {
    if (prompts !== undefined && prompts.length !== names.length)
      return { ok: false, reason: `${id}: ${prompts.length} sentences for ${names.length} names` };
  }
  return { ok: true, list: parsed.output };
}

/** The sentence that stands for each name. */
export function sentencesOf({ names, prompts }: ConceptList['concepts'][number]): string[] {
  return prompts ?? names.map((name) => `a picture of a ${name}`);
}

/** @param vectors one a sentence */
export function scoreConcept(
  picture: Float32Array,
  vectors: readonly Float32Array[],
): { score: number; best: number } {
  const scores = vectors.map((vector) => cosine(picture, vector));
  const score = Math.max(...scores);
  return { score, best: scores.indexOf(score) };
}
