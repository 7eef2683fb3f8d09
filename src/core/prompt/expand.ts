/**
 * Prompts that differ from picture to picture: `{a|b}` takes one, `{2$$a|b|c}` two, `{1-2$$ and $$a|b|c}` one or two with
 * words between, `{3::a|b}` takes a three times as often, and `__name__` takes a line of a list. All may be nested.
 * `\{`, `\}`, `\|` and `\_` are the character itself; braces without a choice in them stay as they are.
 */
import { Mt19937 } from '#core/math/mt19937.ts';
import { MAX_PROMPT_CHARACTERS } from './clean.ts';

export interface Expanded {
  text: string;
  /** Names that no list has, as they were written, each once. They stay in the text. */
  unknown: string[];
}

export interface ExpandOptions {
  /** The same seed and lists give the same text. */
  seed: number;
  /** The lines of a list; null when there is none of that name. */
  lines: (name: string) => readonly string[] | null;
}

/** Lists that name lists, and choices in choices, beyond this are text. */
export const MAX_EXPAND_DEPTH = 20;
/** Lists that name themselves twice would grow for ever; nothing longer is read anyway. */
const MAX_CHARACTERS = 4 * MAX_PROMPT_CHARACTERS;

// A name begins and ends with a letter or a digit and holds no two underscores, so that `a__b` and `____` are text.
const NAME = /__([\p{L}\p{N}](?:(?:(?!__)[\p{L}\p{N} _./-]){0,98}?[\p{L}\p{N}])?)__/uy;
const ESCAPED = /[{}|_]/;
const COUNT = /^\s*(\d{1,3})(?:\s*-\s*(\d{1,3}))?\s*$/;
const SHARE = /^\s*(\d+(?:\.\d+)?|\.\d+)::/;

/** Answers `given` itself where nothing in it is a choice, a list or an escape. Linear in the text, level by level. */
export function expandPrompt(given: string, { seed, lines }: ExpandOptions): Expanded {
  if (!isDynamic(given)) return { text: given, unknown: [] };
  const walk: Walk = { random: new Mt19937(seed), lines, unknown: new Set(), charactersLeft: MAX_CHARACTERS };
  const text = expand(given.slice(0, MAX_CHARACTERS), walk, 0);
  return { text, unknown: [...walk.unknown] };
}

/** Whether expanding could change a text. */
export function isDynamic(text: string): boolean {
  return /[{}]|__|\\[_|]/.test(text);
}

/** The names of all lists that a text asks for, in its order, each once. */
export function listNames(text: string): string[] {
  const names = new Set<string>();
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '_') {
      const name = nameAt(text, at);
      if (name === null) continue;
      names.add(name);
      at += name.length + 3;
    }
  }
  return [...names];
}

/** A text that expands to this one: for a finished picture's prompt that goes back into the form. */
export function literalPrompt(text: string): string {
  if (!/[{}]|__/.test(text)) return text;
  const nothing = { seed: 0, lines: () => null };
  const expanded = expandPrompt(text, nothing);
  if (expanded.text === text && expanded.unknown.length === 0) return text;
  return text.replace(/[{}]/g, String.raw`\$&`).replaceAll('__', String.raw`\_\_`);
}

interface Walk {
  random: Mt19937;
  lines: ExpandOptions['lines'];
  unknown: Set<string>;
  charactersLeft: number;
}

function expand(text: string, walk: Walk, depth: number): string {
  if (depth > MAX_EXPAND_DEPTH || !isDynamic(text)) return spend(text, walk);
  const closings = matchBraces(text);
  let out = '';
  let plainFrom = 0;
  const flush = (until: number) => (out += spend(text.slice(plainFrom, until), walk));
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') {
      const next = text[at + 1] ?? '';
      // The bar is an escape of choices only, and those are cut before they are read.
      if (ESCAPED.test(next) && (next !== '|' || depth > 0)) {
        flush(at);
        plainFrom = at + 1;
      }
      at++;
      continue;
    }
    const closing = character === '{' ? closings.get(at) : undefined;
    const name = character === '_' ? nameAt(text, at) : null;
    if (closing !== undefined) {
      flush(at);
      out += expandBraces(text.slice(at + 1, closing), walk, depth);
      at = closing;
      plainFrom = closing + 1;
    } else if (name !== null) {
      flush(at);
      out += expandName(name, walk, depth);
      at += name.length + 3;
      plainFrom = at + 1;
    }
  }
  flush(text.length);
  return out;
}

function expandBraces(inner: string, walk: Walk, depth: number): string {
  const { options, count, joiner } = readChoice(inner);
  if (count === null && options.length === 1) return `{${expand(inner, walk, depth + 1)}}`;
  const wanted = count === null ? 1 : count.min + below(count.max - count.min + 1, walk);
  const left = options.map((option) => {
    const share = SHARE.exec(option);
    return { text: share ? option.slice(share[0].length) : option, share: share ? Number(share[1]) : 1 };
  });
  const taken: string[] = [];
  for (let k = Math.min(wanted, left.length); k > 0; k--) {
    const at = weighted(left, walk);
    const [option] = left.splice(at, 1);
    taken.push(expand(option!.text.trim(), walk, depth + 1));
  }
  return taken.join(joiner);
}

function expandName(name: string, walk: Walk, depth: number): string {
  const lines = walk.lines(name);
  if (lines === null) {
    walk.unknown.add(name);
    return spend(`__${name}__`, walk);
  }
  if (lines.length === 0) return '';
  const line = lines[below(lines.length, walk)]!;
  return depth >= MAX_EXPAND_DEPTH ? '' : expand(line, walk, depth + 1);
}

interface Choice {
  options: string[];
  /** Null takes one. */
  count: { min: number; max: number } | null;
  joiner: string;
}

function readChoice(inner: string): Choice {
  const parts = inner.split('$$');
  const [, min, max] = COUNT.exec(parts[0]!) ?? [];
  if (parts.length === 1 || min === undefined) return { options: cutAtBars(inner), count: null, joiner: '' };
  const low = Number(min);
  const count = { min: low, max: Math.max(low, Number(max ?? min)) };
  const hasJoiner = parts.length > 2;
  const options = cutAtBars(parts.slice(hasJoiner ? 2 : 1).join('$$'));
  return { options, count, joiner: hasJoiner ? parts[1]! : ', ' };
}

/** At the bars of this level: those in inner braces, and in the square brackets of `[a|b]`, are others' own. */
function cutAtBars(inner: string): string[] {
  const cut = (countsSquare: boolean) => {
    const options: string[] = [];
    let depth = 0;
    let square = 0;
    let from = 0;
    for (let at = 0; at < inner.length; at++) {
      const character = inner[at];
      if (character === '\\') at++;
      else if (character === '{') depth++;
      else if (character === '}') depth--;
      else if (countsSquare && character === '[') square++;
      else if (countsSquare && character === ']') square--;
      else if (character === '|' && depth === 0 && square === 0) {
        options.push(inner.slice(from, at));
        from = at + 1;
      }
    }
    options.push(inner.slice(from));
    return { options, isEven: square === 0 };
  };
  const aware = cut(true);
  return aware.isEven ? aware.options : cut(false).options;
}

/** Where each brace that is closed is closed. */
function matchBraces(text: string): Map<number, number> {
  const closings = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '{') open.push(at);
    else if (text[at] === '}') {
      const start = open.pop();
      if (start !== undefined) closings.set(start, at);
    }
  }
  return closings;
}

function nameAt(text: string, at: number): string | null {
  NAME.lastIndex = at;
  return NAME.exec(text)?.[1] ?? null;
}

function spend(text: string, walk: Walk): string {
  const kept = text.slice(0, walk.charactersLeft);
  walk.charactersLeft -= kept.length;
  return kept;
}

/** One draw a question, whatever the answer, so that another option does not move the draws after it. */
function below(count: number, { random }: Walk): number {
  return Math.floor((random.next() / 2 ** 32) * count);
}

function weighted(options: readonly { share: number }[], walk: Walk): number {
  const total = options.reduce((sum, { share }) => sum + share, 0);
  let left = (walk.random.next() / 2 ** 32) * total;
  const at = options.findIndex(({ share }) => (left -= share) < 0);
  return at === -1 ? options.length - 1 : at;
}
