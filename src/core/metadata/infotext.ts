/**
 * The field's `parameters` text: the prompt, a `Negative prompt:` line, and one line of `Key: value` pairs.
 * Both ways keep what they do not know.
 */

export interface Infotext {
  prompt: string;
  negativePrompt: string;
  /** As they stand in the text, quotes undone: `Size` is `512x512`. */
  fields: ReadonlyMap<string, string>;
}

export type InfotextResult = { ok: true; infotext: Infotext } | { ok: false; reason: string };

export const MAX_INFOTEXT_CHARACTERS = 65_536;
/** Of the line of pairs. */
export const MAX_LINE_CHARACTERS = 8192;

/** Below this many pairs the last line is prose with colons in it. */
const LEAST_PAIRS = 3;
const NEGATIVE = 'Negative prompt:';
const FIRST = [
  'Steps',
  'Sampler',
  'Schedule type',
  'CFG scale',
  'Distilled CFG Scale',
  'Image CFG scale',
  'Seed',
  'Face restoration',
  'Size',
  'Model hash',
  'Model',
  'Variation seed',
  'Variation seed strength',
  'Seed resize from',
  'Denoising strength',
  'Clip skip',
  'ENSD',
  'Init image hash',
  'RNG',
  'Tiling',
];
const LAST = ['Version'];

const KEY = /^[\p{L}\p{N}_][\p{L}\p{N}_ \-/]*[\p{L}\p{N}_\-/]$/u;
const PAIR_START = /\s*([\p{L}\p{N}_][\p{L}\p{N}_ \-/]+):\s*/uy;
const QUOTED = /"(?:\\.|[^\\"])+"(?=,|$)/y;
const PLAIN = /[^,]*/y;
const QUOTED_INSIDE = /"(?:\\.|[^\\"])*"/y;

/**
 * Writes the text, known keys in the field's order, others after them in the given order, `Version` last.
 * Line breaks at the ends of the prompts are not kept.
 * @param infotext fields whose value is `null` are left out
 * @throws {RangeError} for a key the field's readers would not find again
 */
export function formatInfotext(infotext: {
  prompt: string;
  negativePrompt: string;
  fields: Iterable<readonly [key: string, value: string | number | null]>;
}): string {
  const fields = new Map<string, string>();
  for (const [key, value] of infotext.fields) {
    if (!KEY.test(key)) throw new RangeError(`"${key}" cannot be a key`);
    if (value !== null) fields.set(key, String(value));
  }
  const others = [...fields.keys()].filter((key) => !FIRST.includes(key) && !LAST.includes(key));
  const pairs = [...FIRST, ...others, ...LAST].flatMap((key) => {
    const value = fields.get(key);
    if (value === undefined) return [];
    return [value === key ? key : `${key}: ${quoteWhereNeeded(value)}`];
  });
  const negative = infotext.negativePrompt.trim();
  const lines = [infotext.prompt.trim(), negative === '' ? '' : `${NEGATIVE} ${negative}`, pairs.join(', ')];
  return lines.filter((line) => line !== '').join('\n');
}

/**
 * Reads the text of any tool that writes it. A last line with fewer than three pairs belongs to the prompt.
 * @returns not ok only when the text or its last line is longer than the limits
 */
export function parseInfotext(text: string): InfotextResult {
  if (text.length > MAX_INFOTEXT_CHARACTERS) {
    return { ok: false, reason: `the text is longer than ${MAX_INFOTEXT_CHARACTERS} characters` };
  }
  const lines = text.trim().replaceAll('\r\n', '\n').split('\n');
  const last = lines.at(-1)!;
  if (last.length > MAX_LINE_CHARACTERS) {
    return { ok: false, reason: `its last line is longer than ${MAX_LINE_CHARACTERS} characters` };
  }
  const fields = readFields(last);
  if (fields) lines.pop();
  const at = lines.findIndex((line) => line.startsWith(NEGATIVE));
  const prompt = at === -1 ? lines : lines.slice(0, at);
  const negative = at === -1 ? [] : [lines[at]!.slice(NEGATIVE.length), ...lines.slice(at + 1)];
  return {
    ok: true,
    infotext: {
      prompt: prompt.join('\n').trim(),
      negativePrompt: negative.join('\n').trim(),
      fields: fields ?? new Map(),
    },
  };
}

/**
 * The format quotes values with a comma, a colon or a line break. So do we, and further those that would not be
 * read back as they are; every reader undoes quotes wherever they stand.
 */
function quoteWhereNeeded(value: string): string {
  const isPlain = !/[,:\p{Cc}\u2028\u2029]/u.test(value) && !value.startsWith('"') && value.trim() === value;
  return isPlain ? value : JSON.stringify(value);
}

/** Walks the line once, pair by pair: the one regular expression of other readers takes n² time. */
function readFields(line: string): Map<string, string> | null {
  const fields = new Map<string, string>();
  let pairs = 0;
  for (let at = 0; at < line.length; at++) {
    const start = matchAt(PAIR_START, line, at);
    if (start) {
      at += start[0].length;
      const quoted = matchAt(QUOTED, line, at)?.[0];
      const value = quoted ?? jsonAt(line, at) ?? matchAt(PLAIN, line, at)![0];
      at += value.length;
      fields.set(start[1]!.trimEnd(), quoted === undefined ? value.trimEnd() : unquote(quoted));
      pairs++;
    } else {
      const alone = matchAt(PLAIN, line, at)![0];
      at += alone.length;
      // A key alone stands for a value that is the same word.
      const key = alone.trim();
      if (KEY.test(key)) fields.set(key, key);
    }
  }
  return pairs >= LEAST_PAIRS ? fields : null;
}

/** Some tools write a whole JSON as a value, commas and all. */
function jsonAt(line: string, from: number): string | null {
  if (line[from] !== '{' && line[from] !== '[') return null;
  for (let at = from, depth = 0; at < line.length; at++) {
    const char = line[at]!;
    if (char === '"') {
      QUOTED_INSIDE.lastIndex = at;
      const inside = QUOTED_INSIDE.exec(line);
      if (inside === null) return null;
      at += inside[0].length - 1;
    } else if (char === '{' || char === '[') {
      depth++;
    } else if (char === '}' || char === ']') {
      depth--;
      if (depth > 0) continue;
      const value = line.slice(from, at + 1);
      return isJson(value) && /^\s*(?:,|$)/.test(line.slice(at + 1, at + 8)) ? value : null;
    }
  }
  return null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function matchAt(pattern: RegExp, line: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(line);
}

function unquote(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
