import { argMax, type Decoding, type Limits, penaliseRepetition } from './decoding.ts';

/** The likeliest token each time. */
export function* decodeGreedily(limits: Limits): Decoding {
  return yield* decodeOneRow(limits, argMax);
}

/** One hypothesis, each token chosen from the logits before it. */
export function* decodeOneRow(limits: Limits, choose: (logits: Float32Array) => number): Decoding {
  const { prompt, endToken, maxNewTokens, repetitionPenalty } = limits;
  const tokens: number[] = [];
  let row: readonly number[] = prompt;
  while (tokens.length < maxNewTokens) {
    const first = tokens.length === 0;
    const logits = Float32Array.from(yield { rows: [row], parents: first ? [] : [0], best: [...tokens] });
    penaliseRepetition(logits, [...prompt, ...tokens], repetitionPenalty);
    const token = choose(logits);
    if (token === endToken) return { tokens, isComplete: true };
    tokens.push(token);
    row = [token];
  }
  return { tokens, isComplete: false };
}
