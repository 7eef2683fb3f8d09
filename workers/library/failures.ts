import { type Failure, FailureError } from '#core/failure.ts';
import type { LibraryResult } from '#engine/library-api.ts';

export function unexpected(error: unknown): Failure {
  return error instanceof Error
    ? { code: 'unexpected', message: error.message, stack: error.stack ?? null }
    : { code: 'unexpected', message: String(error), stack: null };
}

export function failureOf(error: unknown): Failure {
  return error instanceof FailureError ? error.failure : unexpected(error);
}

/** What a person can act on becomes a value; a bug becomes `unexpected` with its stack. */
export async function asResult<T>(work: () => Promise<T>): Promise<LibraryResult<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, failure: failureOf(error) };
  }
}
