// @ts-check
/** A failure that a person can act on: the scripts print its one sentence, without a stack, and exit with 1. */
export class Sentence extends Error {}

/**
 * Runs a script's body; a `Sentence` is printed as it is, a bug with its stack.
 * @param {() => Promise<number | void>} body answers the exit code
 */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    console.error(error instanceof Sentence ? error.message : error);
    process.exitCode = 1;
  }
}
