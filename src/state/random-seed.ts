/** A seed nobody chose, uniform over 0 to 2³² − 1. */
export function randomSeed(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word;
}
