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

/**
 * @param {unknown} error
 * @returns {string} its message without the details that follow
 */
export function firstLine(error) {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

/** @type {Readonly<Record<string, string>>} */
const REASONS = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of that path is not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'a file of that name is in the way',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EROFS: 'that disk is read-only',
  ENOSPC: 'the disk is full',
};

/**
 * @param {unknown} error of the file system
 * @returns {string} why, for people
 */
export function fileReason(error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? firstLine(error);
}
