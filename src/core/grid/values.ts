/** What one types for an axis: lists, and ranges as the field writes them. */

export interface NumberLimits {
  min: number;
  max: number;
  isWhole: boolean;
}

export type Values<T> = { ok: true; values: T[] } | { ok: false; reason: string };

export const MAX_VALUES = 64;
const MAX_CHARACTERS = 4000;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;
/** `1-5`, `1-5 (+2)`, `10-2 (-4)`, `0.2-1.0 [5]`. */
const RANGE =
  /^([+-]?(?:\d+\.?\d*|\.\d+))\s*-\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*(?:\(\s*([+-](?:\d+\.?\d*|\.\d+))\s*\)|\[\s*(\d{1,4})\s*\])?$/;

/** Reads numbers and ranges between commas; a value that stands twice counts once. */
export function parseNumbers(text: string, limits: NumberLimits): Values<number> {
  const parts = parseList(text);
  if (!parts.ok) return parts;
  const values: number[] = [];
  for (const part of parts.values) {
    const expanded = NUMBER.test(part) ? [Number(part)] : expandRange(part, limits.isWhole);
    if (expanded === null) return { ok: false, reason: `“${shorten(part)}” is no number and no range.` };
    for (const value of expanded) {
      if (limits.isWhole && !Number.isSafeInteger(value))
        return { ok: false, reason: `${value} is not a whole number.` };
      if (value < limits.min || value > limits.max)
        return { ok: false, reason: `${value} is not between ${limits.min} and ${limits.max}.` };
      if (!values.includes(value)) values.push(value);
    }
    if (values.length > MAX_VALUES) return { ok: false, reason: `More than ${MAX_VALUES} values.` };
  }
  return values.length === 0 ? { ok: false, reason: 'No values yet.' } : { ok: true, values };
}

/** Between commas; one that holds a comma stands in quotes, and a quote within those is written twice. */
export function parseList(text: string): Values<string> {
  if (text.length > MAX_CHARACTERS) return { ok: false, reason: `More than ${MAX_CHARACTERS} characters.` };
  const values: string[] = [];
  let at = 0;
  while (at <= text.length) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*(?:,|$)/.exec(text.slice(at));
    const plain = /^[^,]*/.exec(text.slice(at))![0];
    const value = quoted === null ? plain.trim() : quoted[1]!.replaceAll('""', '"');
    if (value !== '') values.push(value);
    at += quoted === null ? plain.length + 1 : quoted[0].length;
    if (quoted !== null && at >= text.length) break;
  }
  if (values.length > MAX_VALUES) return { ok: false, reason: `More than ${MAX_VALUES} values.` };
  return values.length === 0 ? { ok: false, reason: 'No values yet.' } : { ok: true, values };
}

function expandRange(text: string, isWhole: boolean): number[] | null {
  const [, from, to, by, among] = RANGE.exec(text) ?? [];
  if (from === undefined || to === undefined) return null;
  const [start, end] = [Number(from), Number(to)];
  if (among !== undefined) return spread(start, end, Number(among), isWhole);
  const step = by === undefined ? Math.sign(end - start) || 1 : Number(by);
  const count = step === 0 ? -1 : Math.floor((end - start) / step + 1e-9);
  if (count < 0) return null;
  // One too many is enough to be refused.
  return Array.from({ length: Math.min(count, MAX_VALUES) + 1 }, (_, k) => tidy(start + k * step));
}

/** So many values from end to end; whole ones are cut, as the field does it. */
function spread(start: number, end: number, count: number, isWhole: boolean): number[] | null {
  if (count < 1) return null;
  return Array.from({ length: Math.min(count, MAX_VALUES + 1) }, (_, k) => {
    const value = count === 1 ? start : start + ((end - start) * k) / (count - 1);
    return isWhole ? Math.trunc(tidy(value)) : tidy(value);
  });
}

/** Without the dust of binary fractions. */
function tidy(value: number): number {
  return Number(value.toFixed(6));
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
