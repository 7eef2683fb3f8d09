/** More or less weight for the words under the cursor: `(word:1.1)`, as the field's keys do it. */

export interface TextEdit {
  /** What is replaced, as offsets in the text before. */
  start: number;
  end: number;
  text: string;
  /** The selection afterwards. */
  selectStart: number;
  selectEnd: number;
}

const STEP = 0.1;
const LEAST = 0;
const MOST = 2;
const AFTER = /^:\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*\)/;
const WORD = /[\p{L}\p{N}\p{M}'’_-]/u;

/**
 * @param direction 1 for more, -1 for less
 * @returns null where there is no word, or no more weight to give
 */
export function nudgeWeight(
  text: string,
  selection: { start: number; end: number },
  direction: 1 | -1,
): TextEdit | null {
  const { start, end } = trimmed(
    text,
    selection.start === selection.end ? wordAt(text, selection.start) : selection,
  );
  if (start >= end) return null;
  const around = bracketAround(text, start, end);
  const inner = text.slice(around?.innerStart ?? start, around?.innerEnd ?? end);
  const weight = Math.round(((around?.weight ?? 1) + direction * STEP) * 100) / 100;
  if (weight < LEAST || weight > MOST) return null;
  const from = around?.start ?? start;
  const to = around?.end ?? end;
  // Back to 1 the brackets are in the way.
  if (weight === 1) {
    return { start: from, end: to, text: inner, selectStart: from, selectEnd: from + inner.length };
  }
  const replaced = `(${inner}:${weight})`;
  return {
    start: from,
    end: to,
    text: replaced,
    selectStart: from + 1,
    selectEnd: from + 1 + inner.length,
  };
}

function wordAt(text: string, at: number): { start: number; end: number } {
  let start = at;
  let end = at;
  while (start > 0 && WORD.test(text[start - 1]!)) start--;
  while (end < text.length && WORD.test(text[end]!)) end++;
  return { start, end };
}

function trimmed(
  text: string,
  { start, end }: { start: number; end: number },
): { start: number; end: number } {
  let from = start;
  let to = end;
  while (from < to && /\s/.test(text[from]!)) from++;
  while (to > from && /\s/.test(text[to - 1]!)) to--;
  return { start: from, end: to };
}

/** The weighted brackets that hold the selection, or that are the selection. */
function bracketAround(text: string, start: number, end: number) {
  const whole = /^\(([^()]*):\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*\)$/.exec(text.slice(start, end));
  if (whole) {
    const innerStart = start + 1;
    return { start, end, innerStart, innerEnd: innerStart + whole[1]!.length, weight: Number(whole[2]) };
  }
  const open = openBefore(text, start);
  if (open === null) return null;
  let innerEnd = end;
  while (innerEnd < text.length && !'():[]'.includes(text[innerEnd]!)) innerEnd++;
  const after = AFTER.exec(text.slice(innerEnd, innerEnd + 40));
  if (!after) return null;
  return {
    start: open,
    end: innerEnd + after[0].length,
    innerStart: open + 1,
    innerEnd,
    weight: Number(after[1]),
  };
}

/** The round bracket that is open at `start`, with nothing but words between. */
function openBefore(text: string, start: number): number | null {
  for (let at = start - 1; at >= 0; at--) {
    if (text[at] === '(') return text[at - 1] === '\\' ? null : at;
    if (')[]:'.includes(text[at]!)) return null;
  }
  return null;
}
