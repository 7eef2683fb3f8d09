/**
 * Prompt editing as a tree. `[from:to:when]`, `[to:when]` and `[from::when]` change the text at a step,
 * `[a|b]` takes turns; all other brackets are emphasis and stay in the text.
 */

export type ScheduleNode =
  | string
  /** `before` until step `when`, then `after`. */
  | { kind: 'change'; before: ScheduleNode[]; after: ScheduleNode[]; when: StepOrFraction }
  | { kind: 'turns'; options: ScheduleNode[][] };

export type StepOrFraction = { unit: 'step' | 'fraction'; value: number };

/** Brackets nested deeper than this are text. */
export const MAX_SCHEDULE_DEPTH = 20;

/** An open bracket and what stands in it so far, cut at the separators of its own level. */
interface Frame {
  bracket: '[' | '(';
  parts: ScheduleNode[][];
  separators: (':' | '|')[];
  /** Round and square cross within it, so it is no schedule. */
  isCrossed: boolean;
}

const WHEN = /^\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*$/;

/**
 * Reads a prompt whose tags are taken out. A backslash and the character after it stay as they are, for the
 * weights to read. Whatever is not a well-formed schedule is text, so nothing fails. Linear in the text.
 */
export function parseSchedule(prompt: string): ScheduleNode[] {
  const root: ScheduleNode[] = [];
  const frames: Frame[] = [];
  /** Open brackets beyond the depth limit. */
  let tooDeep = 0;
  const target = () => frames.at(-1)?.parts.at(-1) ?? root;
  const cross = () => frames.forEach((frame) => (frame.isCrossed = true));

  // A lone backslash at the end is text as well.
  for (const [token] of prompt.matchAll(/\\[\s\S]|[[\]():|]|[^\\[\]():|]+|\\/g)) {
    const top = frames.at(-1);
    const isOpening = token === '[' || token === '(';
    const isClosing = token === ']' || token === ')';
    if (isOpening && (tooDeep > 0 || frames.length === MAX_SCHEDULE_DEPTH)) {
      tooDeep++;
      append(target(), [token]);
    } else if (isOpening) {
      frames.push({ bracket: token, parts: [[]], separators: [], isCrossed: false });
    } else if (isClosing && tooDeep > 0) {
      tooDeep--;
      append(target(), [token]);
    } else if (isClosing && top?.bracket === (token === ']' ? '[' : '(')) {
      frames.pop();
      append(target(), closeFrame(top, token));
    } else if (isClosing) {
      cross();
      append(target(), [token]);
    } else if ((token === ':' || token === '|') && tooDeep === 0 && top?.bracket === '[') {
      top.separators.push(token);
      top.parts.push([]);
    } else append(target(), [token]);
  }
  while (frames.length > 0) {
    const open = frames.pop()!;
    append(target(), asText(open, ''));
  }
  return root;
}

function closeFrame(frame: Frame, closing: string): ScheduleNode[] {
  const { parts, separators } = frame;
  if (frame.bracket === '(' || frame.isCrossed || separators.length === 0) return asText(frame, closing);
  if (separators.every((s) => s === '|')) return [{ kind: 'turns', options: parts }];
  const when = separators.length <= 2 && separators.every((s) => s === ':') ? readWhen(parts.at(-1)!) : null;
  if (when === null) return asText(frame, closing);
  const [before, after] = parts.length === 3 ? [parts[0]!, parts[1]!] : [[], parts[0]!];
  return [{ kind: 'change', before, after, when }];
}

function readWhen(part: ScheduleNode[]): StepOrFraction | null {
  const [text] = part;
  const match = part.length === 1 && typeof text === 'string' ? WHEN.exec(text) : null;
  if (!match) return null;
  return { unit: match[1]!.includes('.') ? 'fraction' : 'step', value: Number(match[1]) };
}

function asText(frame: Frame, closing: string): ScheduleNode[] {
  const nodes: ScheduleNode[] = [frame.bracket];
  for (const [i, part] of frame.parts.entries()) {
    if (i > 0) append(nodes, [frame.separators[i - 1]!]);
    append(nodes, part);
  }
  append(nodes, [closing]);
  return nodes;
}

/** Appends in place, joining neighbouring texts. */
function append(nodes: ScheduleNode[], more: readonly ScheduleNode[]): void {
  for (const node of more) {
    const last = nodes.at(-1);
    if (typeof node === 'string' && typeof last === 'string') nodes[nodes.length - 1] = last + node;
    else nodes.push(node);
  }
}
