/** Sampling from the nucleus: the smallest set of likeliest tokens that together have probability p (Holtzman and others, 2020). */
import { Mt19937 } from '#core/math/mt19937.ts';
import { type Decoding, type Limits } from './decoding.ts';
import { decodeOneRow } from './greedy.ts';

export interface NucleusLimits extends Limits {
  topP: number;
  /** Above 1 evens the odds, below 1 sharpens them. */
  temperature: number;
  seed: number;
}

export function decodeFromNucleus(limits: NucleusLimits): Decoding {
  const random = new Mt19937(limits.seed);
  return decodeOneRow(limits, (logits) => {
    const nucleus = nucleusOf(
      logits.map((logit) => logit / limits.temperature),
      limits.topP,
    );
    let left = (random.next() / 2 ** 32) * nucleus.reduce((sum, { probability }) => sum + probability, 0);
    for (const { token, probability } of nucleus) {
      left -= probability;
      if (left < 0) return token;
    }
    return nucleus.at(-1)!.token;
  });
}

/** The tokens that stay, likeliest first. As transformers: the least likely ones go while their sum is at most 1 − p. */
export function nucleusOf(logits: Float32Array, topP: number): { token: number; probability: number }[] {
  const order = Array.from(logits.keys()).sort((a, b) => logits[a]! - logits[b]!);
  const top = logits[order.at(-1)!]!;
  const weights = order.map((token) => Math.exp(logits[token]! - top));
  const total = weights.reduce((a, b) => a + b, 0);
  const kept: { token: number; probability: number }[] = [];
  let below = 0;
  for (const [rank, token] of order.entries()) {
    const probability = weights[rank]! / total;
    below += probability;
    if (below > 1 - topP || rank === order.length - 1) kept.push({ token, probability });
  }
  return kept.toReversed();
}
