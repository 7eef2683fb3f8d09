/** When to ask again. The clock and the chance come from outside. */

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** A server that says to come back much later than this is asked again after it all the same. */
const LONGEST_TOLD_MS = 3_600_000;
/** Attempts in a row without a single new byte. */
export const MAX_ATTEMPTS = 8;

/**
 * Exponential back-off with jitter: half of the wait is fixed, half is chance, so that many who were cut off
 * together do not come back together.
 * @param attempt 1 after the first failure
 * @param chance 0 to 1
 * @returns milliseconds
 */
export function backOffMs(attempt: number, chance: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, attempt - 1));
  return full / 2 + (full / 2) * chance;
}

/**
 * A Retry-After header: whole seconds or an HTTP date (RFC 9110, 10.2.3).
 * @param header null when there was none
 * @param nowMs milliseconds since 1970
 * @param parseDate milliseconds since 1970 of a date in text, or NaN; core has no clock and no calendar
 * @returns milliseconds from now, or null when there is nothing that can be read
 */
export function retryAfterMs(
  header: string | null,
  nowMs: number,
  parseDate: (text: string) => number,
): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Math.min(LONGEST_TOLD_MS, Number(text) * 1_000);
  const at = text === '' ? Number.NaN : parseDate(text);
  return Number.isFinite(at) ? Math.min(LONGEST_TOLD_MS, Math.max(0, at - nowMs)) : null;
}
