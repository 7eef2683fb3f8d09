import { useDraft } from '#state/draft.ts';
import { randomSeed } from '#state/random-seed.ts';

/** A new random seed now, and again at every run until it is locked. */
export function rollSeed(): void {
  useDraft.setState({ seed: randomSeed(), isSeedLocked: false });
}
