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

/** A cosine and the threshold it is held against. */
export interface Held {
  score: number;
  threshold: number;
}

export interface Verdict {
  special: Judged[];
  concepts: Judged[];
  isFound: boolean;
}

/** @param care by how much one of the special ones, once found, lowers what follows */
export function judgeScores(special: readonly Held[], concepts: readonly Held[], care = CARE): Verdict {
  let adjustment = 0;
  const judge = ({ score, threshold }: Held): Judged => {
    const margin = Math.round((score - threshold + adjustment) * 1000) / 1000;
    return { margin, isFound: margin > 0 };
  };
  const cared = special.map((concept) => {
    const judged = judge(concept);
    // Once: another one found does not lower the thresholds further.
    if (judged.isFound) adjustment = care;
    return judged;
  });
  const found = concepts.map(judge);
  return { special: cared, concepts: found, isFound: found.some(({ isFound }) => isFound) };
}

export function judgeByThresholds(
  picture: Float32Array,
  special: readonly ConceptVector[],
  concepts: readonly ConceptVector[],
): Verdict {
  const hold = ({ vector, threshold }: ConceptVector): Held => ({
    score: cosine(picture, vector),
    threshold,
  });
  return judgeScores(special.map(hold), concepts.map(hold));
}
