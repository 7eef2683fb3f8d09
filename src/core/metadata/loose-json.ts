/** JSON as Python writes it, read without trust: by own properties only, and long integers as they are written. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export const MAX_JSON_CHARACTERS = 1_048_576;

/** A string is passed over whole, an open one to the end, so that each character is looked at once; outside of one stand words that only Python knows, and seeds beyond 2⁵³. */
const TOKENS = /"[^"\\]*(?:\\[^][^"\\]*)*(?:"|$)|-?\bInfinity\b|\bNaN\b|-?\b\d{16,}\b(?![.eE])/g;

/** @returns undefined where it is no JSON or too long */
export function readJson(text: string): Json | undefined {
  if (text.length > MAX_JSON_CHARACTERS) return undefined;
  try {
    return JSON.parse(
      text.replace(TOKENS, (token) => {
        if (token.startsWith('"')) return token;
        return /\d/.test(token) ? `"${token}"` : 'null';
      }),
    ) as Json;
  } catch {
    return undefined;
  }
}

export function asObject(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
}

export function asList(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** An own property, or undefined. */
export function get(value: Json | undefined, key: string): Json | undefined {
  const object = asObject(value);
  return object !== null && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Text or a number as text; null for anything else. */
export function textOf(value: Json | undefined): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
}

export function numberOf(value: Json | undefined): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
