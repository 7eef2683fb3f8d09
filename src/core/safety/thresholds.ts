/**
 * The form of Stable Diffusion's safety checker: vectors with thresholds, a first group of which ("special care") lowers every
 * threshold that follows by a little once one of it is found. Scores and names come out instead of a black picture.
 */
import { cosine } from '#core/captioner/scores.ts';

export interface ConceptVector {
  vector: Float32Array;
  threshold: number;
}

export interface Judged {
  /** Cosine less threshold, with what was found before counted in, to three places; above 0 is found. */
  margin: number;
  isFound: boolean;
}

const CARE = 0.01;

/** @param adjustment added to every margin: above 0 finds more */
export function judgeByThresholds(
  picture: Float32Array,
  special: readonly ConceptVector[],
  concepts: readonly ConceptVector[],
  adjustment = 0,
): { special: Judged[]; concepts: Judged[]; isFound: boolean } {
  let care = adjustment;
  const judge = ({ vector, threshold }: ConceptVector): Judged => {
    const margin = Math.round((cosine(picture, vector) - threshold + care) * 1000) / 1000;
    return { margin, isFound: margin > 0 };
  };
  const cared = special.map((concept) => {
    const judged = judge(concept);
    // Once: another one found does not lower the thresholds further.
    if (judged.isFound) care = adjustment + CARE;
    return judged;
  });
  const found = concepts.map(judge);
  return { special: cared, concepts: found, isFound: found.some(({ isFound }) => isFound) };
}
