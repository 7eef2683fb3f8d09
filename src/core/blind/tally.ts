/** Votes counted, and how sure one may be of them. */

export type Vote = 'a' | 'b' | 'tie' | 'neither';

export interface Tally {
  a: number;
  b: number;
  ties: number;
  neither: number;
  /** Votes in all. */
  votes: number;
  /** Of the votes for one of the two, a's share; null where there are none. */
  share: number | null;
  /** Wilson's interval of 95 % around the share. */
  interval: { low: number; high: number } | null;
  /** Two-sided sign test: how likely votes this uneven are if nobody sees a difference. */
  chance: number | null;
}

/** The 97.5 % point of the normal distribution. */
const Z = 1.959963984540054;

export function tally(votes: readonly Vote[]): Tally {
  const count = (vote: Vote) => votes.filter((one) => one === vote).length;
  const [a, b] = [count('a'), count('b')];
  const decided = a + b;
  return {
    a,
    b,
    ties: count('tie'),
    neither: count('neither'),
    votes: votes.length,
    share: decided === 0 ? null : a / decided,
    interval: decided === 0 ? null : wilson(a, decided),
    chance: decided === 0 ? null : signTest(a, b),
  };
}

/** Wilson 1927: unlike the usual interval it stays within 0 and 1, and is right for few votes. */
export function wilson(successes: number, trials: number): { low: number; high: number } {
  const share = successes / trials;
  const square = Z * Z;
  const middle = share + square / (2 * trials);
  const reach = Z * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials * trials));
  const whole = 1 + square / trials;
  return { low: Math.max(0, (middle - reach) / whole), high: Math.min(1, (middle + reach) / whole) };
}

/** The exact binomial test of a half, ties left out. */
export function signTest(a: number, b: number): number {
  const trials = a + b;
  const least = Math.min(a, b);
  // From term to term, so that no factorial grows beyond a number.
  let term = Math.exp(-trials * Math.LN2);
  let tail = 0;
  for (let k = 0; k <= least; k++) {
    tail += term;
    term = (term * (trials - k)) / (k + 1);
  }
  return Math.min(1, 2 * tail);
}
