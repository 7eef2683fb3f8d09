/**
 * Cuts a prompt's tokens into the encoder's windows. A window holds start, content, end, padding; a break pads
 * the current one, and a window that fills up mid-phrase is cut after its last comma when that is near.
 */
import type { Notice } from '#core/failure.ts';
import type { PromptSegment } from './weights.ts';

/** A tokenizer of the manifest, as far as it shapes windows. */
export interface WindowSpec {
  /** Tokens of one window, start and end included. */
  window: number;
  startId: number | null;
  endId: number;
  padId: number;
}

export interface TokenWindow {
  /** [window] */
  ids: Int32Array;
  /** [window]; 1 for start, end and padding. */
  weights: Float32Array;
}

export interface WindowOptions {
  maxWindows?: number;
  where?: 'prompt' | 'negative';
}

export interface PromptWindows {
  /** At least one. */
  windows: TokenWindow[];
  /** Content tokens of the whole prompt, kept and cut. */
  tokens: number;
  notice: Notice | null;
}

export const MAX_WINDOWS = 8;
/** How far back a full window looks for a comma: the field's default. */
export const COMMA_REACH_TOKENS = 20;

/** A token, its weight, and where it came from: the segment, and how many of its tokens stand before. */
interface Token {
  id: number;
  weight: number;
  segment: number;
  index: number;
}

/**
 * @param segments of `parseWeights`; none gives one empty window
 * @param encode a text's token ids, without start and end
 * @throws {RangeError} when the window has no room for content
 */
export function toWindows(
  segments: readonly PromptSegment[],
  encode: (text: string) => readonly number[],
  spec: WindowSpec,
  { maxWindows = MAX_WINDOWS, where = 'prompt' }: WindowOptions = {},
): PromptWindows {
  const room = spec.window - (spec.startId === null ? 1 : 2);
  if (room < 1) throw new RangeError(`a window of ${spec.window} tokens has no room for content`);
  const chunks = cutAtBreaks(segments, encode).flatMap((tokens) =>
    cutToRoom(tokens, room, encode(',').at(-1)),
  );
  // A break at the very end opens no window of its own.
  if (chunks.length > 1 && chunks.at(-1)!.length === 0) chunks.pop();
  const kept = chunks.slice(0, maxWindows);
  const cut = chunks.slice(maxWindows).flat();
  return {
    windows: kept.map((tokens) => fillWindow(tokens, spec)),
    tokens: chunks.reduce((sum, tokens) => sum + tokens.length, 0),
    notice:
      cut.length === 0
        ? null
        : {
            code: 'prompt-windows-cut',
            where,
            windows: maxWindows,
            cutTokens: cut.length,
            cutText: textFrom(segments, cut[0]!, encode),
          },
  };
}

/** A window without content: what the shorter of two prompts is padded with to the length of the longer. */
export function emptyWindow(spec: WindowSpec): TokenWindow {
  return fillWindow([], spec);
}

function cutAtBreaks(
  segments: readonly PromptSegment[],
  encode: (text: string) => readonly number[],
): Token[][] {
  const runs: Token[][] = [[]];
  for (const [i, segment] of segments.entries()) {
    if (segment.kind === 'break') runs.push([]);
    else {
      const ids = encode(segment.text);
      for (const [index, id] of ids.entries()) {
        runs.at(-1)!.push({ id, weight: segment.weight, segment: i, index });
      }
    }
  }
  return runs;
}

/** At least one chunk, each of at most `room` tokens. */
function cutToRoom(tokens: readonly Token[], room: number, comma: number | undefined): Token[][] {
  const chunks: Token[][] = [];
  let start = 0;
  while (tokens.length - start > room) {
    const full = start + room;
    const end = tokens[full]!.id === comma ? full : afterNearComma(tokens, start, full, comma);
    chunks.push(tokens.slice(start, end));
    start = end;
  }
  chunks.push(tokens.slice(start));
  return chunks;
}

function afterNearComma(
  tokens: readonly Token[],
  start: number,
  full: number,
  comma: number | undefined,
): number {
  for (let at = full - 1; at >= start && full - at <= COMMA_REACH_TOKENS; at--) {
    if (tokens[at]!.id === comma) return at + 1;
  }
  return full;
}

function fillWindow(tokens: readonly Token[], spec: WindowSpec): TokenWindow {
  const ids = new Int32Array(spec.window).fill(spec.padId);
  const weights = new Float32Array(spec.window).fill(1);
  let at = 0;
  if (spec.startId !== null) ids[at++] = spec.startId;
  for (const { id, weight } of tokens) {
    ids[at] = id;
    weights[at++] = weight;
  }
  ids[at] = spec.endId;
  return { ids, weights };
}

/** The prompt's text from a token on, to the nearest word: tokenizers keep no positions. */
function textFrom(
  segments: readonly PromptSegment[],
  first: Token,
  encode: (text: string) => readonly number[],
): string {
  const segment = segments[first.segment]!;
  const text = segment.kind === 'text' ? segment.text : '';
  const starts = [0, ...Array.from(text.matchAll(/\s+|(?<=,)(?=\S)/gu), (match) => match.index)];
  // The last word start before which no more than the kept tokens stand.
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (encode(text.slice(0, starts[middle])).length <= first.index) low = middle;
    else high = middle - 1;
  }
  const rest = segments.slice(first.segment + 1).map((s) => (s.kind === 'text' ? s.text : ' BREAK '));
  return (text.slice(starts[low]) + rest.join('')).trim();
}
