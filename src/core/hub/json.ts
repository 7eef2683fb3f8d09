/** Settings files of strangers: read with a schema, and what is wrong with them said in a few words. */
import * as v from 'valibot';

export type Read<T> = { ok: true; value: T } | { ok: false; reason: string };

/**
 * Parses one of the texts.
 * @returns null when it is not there
 */
export function readJson<S extends v.GenericSchema>(
  texts: ReadonlyMap<string, string>,
  path: string,
  schema: S,
): Read<v.InferOutput<S>> | null {
  const text = texts.get(path);
  if (text === undefined) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: `${path} is not JSON.` };
  }
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return { ok: true, value: parsed.output };
  const [issue] = parsed.issues;
  return { ok: false, reason: `${path} cannot be used: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}.` };
}
