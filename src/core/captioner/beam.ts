/**
 * Beam search as transformers has it since 4.50 (generation/utils.py, `_beam_search`), for one picture: the same candidates kept
 * each step, the same length penalty and the same three ways to stop early.
 */
import { type Ask, type Decoding, type Limits, logSoftmax, penaliseRepetition } from './decoding.ts';

export interface BeamLimits extends Limits {
  beams: number;
  /** Above 0 favours long texts, below 0 short ones: a score is divided by length to this power. */
  lengthPenalty: number;
  /** true: stop at `beams` finished texts; false: when the best open one can hardly win; 'never': when it cannot. */
  earlyStopping: boolean | 'never';
}

interface Hypothesis {
  tokens: number[];
  score: number;
}

interface Candidate extends Hypothesis {
  parent: number;
  hasEnded: boolean;
}

const LOST = -1e9;

export function* decodeWithBeams(limits: BeamLimits): Decoding {
  const { prompt, endToken, maxNewTokens, repetitionPenalty, beams, lengthPenalty, earlyStopping } = limits;
  const atLength = (score: number, length: number) => Math.fround(score / length ** lengthPenalty);
  let open: Hypothesis[] = [{ tokens: [], score: 0 }];
  let finished: Hypothesis[] = [];
  let ask: Ask = { rows: [prompt], parents: [], best: [] };
  for (;;) {
    const logits = yield ask;
    const vocabulary = logits.length / open.length;
    const scores = open.map(({ tokens, score }, row) => {
      const own = logSoftmax(logits.slice(row * vocabulary, (row + 1) * vocabulary));
      penaliseRepetition(own, [...prompt, ...tokens], repetitionPenalty);
      return own.map((value) => value + score);
    });
    const length = open[0]!.tokens.length + 1;
    const candidates = largest(scores, 2 * beams).map(
      ({ row, token, score }): Candidate => ({
        tokens: [...open[row]!.tokens, token],
        score,
        parent: row,
        hasEnded: token === endToken || length >= maxNewTokens,
      }),
    );
    const isFull = finished.length === beams && earlyStopping === true;
    if (!isFull) {
      const ended = candidates.slice(0, beams).filter(({ hasEnded }) => hasEnded);
      const scored = ended.map(({ tokens, score }) => ({ tokens, score: atLength(score, length) }));
      finished = [...finished, ...scored].sort((a, b) => b.score - a.score).slice(0, beams);
    }
    const next = candidates.filter(({ hasEnded }) => !hasEnded).slice(0, beams);
    const worst = finished.length === beams ? finished.at(-1)!.score : LOST;
    const hopeful = earlyStopping === 'never' && lengthPenalty > 0 ? maxNewTokens : length;
    const canImprove = next[0] !== undefined && atLength(next[0].score, hopeful) > worst;
    const isOver = next.length === 0 || !canImprove || (finished.length === beams && earlyStopping === true);
    if (isOver) return decoded(finished[0] ?? next[0] ?? open[0]!, endToken);
    open = next;
    ask = {
      rows: next.map(({ tokens }) => [tokens.at(-1)!]),
      parents: next.map(({ parent }) => parent),
      best: withoutEnd((finished[0] ?? next[0]!).tokens, endToken),
    };
  }
}

function decoded({ tokens }: Hypothesis, endToken: number) {
  return { tokens: withoutEnd(tokens, endToken), isComplete: tokens.at(-1) === endToken };
}

function withoutEnd(tokens: readonly number[], endToken: number): number[] {
  return tokens.at(-1) === endToken ? tokens.slice(0, -1) : [...tokens];
}

/** The largest scores of all rows, largest first; of equal ones the first. */
function largest(
  rows: readonly Float32Array[],
  count: number,
): { row: number; token: number; score: number }[] {
  const top: { row: number; token: number; score: number }[] = [];
  for (const [row, scores] of rows.entries()) {
    for (const [token, score] of scores.entries()) {
      if (top.length === count && score <= top.at(-1)!.score) continue;
      let at = top.length;
      while (at > 0 && top[at - 1]!.score < score) at--;
      top.splice(at, 0, { row, token, score });
      if (top.length > count) top.pop();
    }
  }
  return top;
}
