/** The pairs of a blind test: every prompt with every seed, in an order and with sides that a seed decides. */

export interface PairPlan {
  prompt: string;
  seed: number;
  /** Which configuration is shown on the left. */
  left: 'a' | 'b';
}

export const MAX_PAIRS = 200;

/** Each configuration is left as often as right, as nearly as the number of pairs allows. */
export function planPairs(
  prompts: readonly string[],
  seeds: readonly number[],
  shuffleSeed: number,
): PairPlan[] {
  const random = mulberry(shuffleSeed);
  const asked = prompts.flatMap((prompt) => seeds.map((seed) => ({ prompt, seed })));
  const sides = shuffle(
    asked.map((_, k): 'a' | 'b' => (k % 2 === 0 ? 'a' : 'b')),
    random,
  );
  // With an odd number one side has one more; which one is drawn too.
  const isTurned = random() < 0.5;
  return shuffle(asked, random).map((pair, k) => ({ ...pair, left: isTurned ? flip(sides[k]!) : sides[k]! }));
}

function flip(side: 'a' | 'b'): 'a' | 'b' {
  return side === 'a' ? 'b' : 'a';
}

/** Fisher and Yates. */
function shuffle<T>(list: readonly T[], random: () => number): T[] {
  const shuffled = [...list];
  for (let k = shuffled.length - 1; k > 0; k--) {
    const other = Math.floor(random() * (k + 1));
    [shuffled[k], shuffled[other]] = [shuffled[other]!, shuffled[k]!];
  }
  return shuffled;
}

function mulberry(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
