/**
 * The field's emphasis: `(a)` is worth 1.1 times, `[a]` a 1.1th, `(a:1.3)` exactly 1.3 times; nesting multiplies.
 * `\(`, `\)`, `\[`, `\]` and `\\` are the character itself, an unclosed bracket runs to the end, one that closes
 * nothing is text, and `BREAK` in capitals starts a new window.
 */

export type PromptSegment = { kind: 'text'; text: string; weight: number } | { kind: 'break' };

/** Brackets nested deeper than this weigh nothing more. */
export const MAX_BRACKET_DEPTH = 20;
/** Weights end within ± this: beyond it a picture is noise, and products would leave the range of a float. */
export const MAX_WEIGHT = 100;

const STEP = 1.1;
const EXPLICIT = /:\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*\)/y;
const BREAK = /(?<![\p{L}\p{N}_])BREAK(?![\p{L}\p{N}_])/u;

/** A bracket too deep to count. It is kept so that its closing one closes it and not another. */
const WEIGHTLESS = -1;

/**
 * Reads a prompt whose schedules are resolved. Runs in time linear in the text, for any text.
 * @returns texts with their weights, neighbours of equal weight joined, no empty text; [] for an empty prompt
 */
export function parseWeights(prompt: string): PromptSegment[] {
  const segments: PromptSegment[] = [];
  /** For each open bracket, the segment it starts before. */
  const round: number[] = [];
  const square: number[] = [];
  let plain = '';

  const flush = () => {
    const pieces = plain.split(BREAK);
    for (const [i, piece] of pieces.entries()) {
      if (i > 0) segments.push({ kind: 'break' });
      // White space around a break goes with it.
      const left = i > 0 ? piece.trimStart() : piece;
      const text = i < pieces.length - 1 ? left.trimEnd() : left;
      if (text !== '') segments.push({ kind: 'text', text, weight: 1 });
    }
    plain = '';
  };
  const open = (stack: number[]) => {
    flush();
    stack.push(stack.length < MAX_BRACKET_DEPTH ? segments.length : WEIGHTLESS);
  };
  const multiplyFrom = (start: number, factor: number) => {
    if (start === WEIGHTLESS) return;
    for (let i = start; i < segments.length; i++) {
      const segment = segments[i]!;
      if (segment.kind === 'text') segment.weight *= factor;
    }
  };
  const close = (stack: number[], factor: number) => {
    flush();
    multiplyFrom(stack.pop() ?? WEIGHTLESS, factor);
  };

  for (let at = 0; at < prompt.length; at++) {
    const char = prompt[at]!;
    if (char === '\\' && at + 1 < prompt.length && '()[]\\'.includes(prompt[at + 1]!)) {
      at++;
      plain += prompt[at]!;
    } else if (char === '(') open(round);
    else if (char === '[') open(square);
    else if (char === ')' && round.length > 0) close(round, STEP);
    else if (char === ']' && square.length > 0) close(square, 1 / STEP);
    else if (char === ':' && round.length > 0) {
      EXPLICIT.lastIndex = at;
      const match = EXPLICIT.exec(prompt);
      if (match) {
        close(round, Number(match[1]));
        at += match[0].length - 1;
      } else plain += char;
    } else plain += char;
  }
  flush();
  for (const start of round) multiplyFrom(start, STEP);
  for (const start of square) multiplyFrom(start, 1 / STEP);
  return joinNeighbours(segments);
}

function joinNeighbours(segments: PromptSegment[]): PromptSegment[] {
  const joined: PromptSegment[] = [];
  for (const segment of segments) {
    if (segment.kind === 'text') segment.weight = Math.min(MAX_WEIGHT, Math.max(-MAX_WEIGHT, segment.weight));
    const last = joined.at(-1);
    if (last?.kind === 'text' && segment.kind === 'text' && last.weight === segment.weight) {
      last.text += segment.text;
    } else joined.push(segment);
  }
  return joined;
}
