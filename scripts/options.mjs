// @ts-check
/** Reads a command line strictly: what it does not know is refused in one sentence. */
import { Sentence } from './sentence.mjs';

/**
 * `many`: may be given several times, and its value is a list.
 *
 * @typedef {{ kind: 'flag', help: string }
 *   | { kind: 'text', value: string, many?: boolean, help: string }
 *   | { kind: 'choice', of: readonly string[], help: string }
 *   | { kind: 'number', value: string, min: number, max: number, integer?: boolean, help: string }
 *   | { kind: 'size', help: string }} Option
 */

/**
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, Option>>} table by name without its dashes
 * @returns {{ words: string[], options: Map<string, unknown> }}
 */
export function readOptions(args, table) {
  /** @type {string[]} */
  const words = [];
  /** @type {Map<string, unknown>} */
  const options = new Map();
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      words.push(...args.slice(at + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg);
      continue;
    }
    const [flag = '', inline] = splitOnce(arg, '=');
    const name = flag.replace(/^--?/, '');
    const option = flag.startsWith('--') && Object.hasOwn(table, name) ? table[name] : undefined;
    if (!option) throw new Sentence(`Unknown option ${flag}. ${nearest(name, Object.keys(table))}`);
    const isMany = option.kind === 'text' && option.many === true;
    if (options.has(name) && !isMany) throw new Sentence(`Option ${flag} is given twice.`);
    if (option.kind === 'flag') {
      if (inline !== undefined) throw new Sentence(`Option ${flag} takes no value.`);
      options.set(name, true);
      continue;
    }
    const value = inline ?? args[++at];
    if (value === undefined || (inline === undefined && value.startsWith('--'))) {
      throw new Sentence(`Option ${flag} needs a value.`);
    }
    const read = readValue(flag, option, value);
    const earlier = options.get(name);
    options.set(name, isMany ? [...(Array.isArray(earlier) ? earlier : []), read] : read);
  }
  return { words, options };
}

/**
 * @param {string} flag
 * @param {Exclude<Option, { kind: 'flag' }>} option
 * @param {string} value
 */
function readValue(flag, option, value) {
  switch (option.kind) {
    case 'text':
      return value;
    case 'choice':
      if (!option.of.includes(value)) {
        throw new Sentence(`${flag} must be one of ${option.of.join(', ')}, not "${value}".`);
      }
      return value;
    case 'size': {
      const size = /^(\d{1,5})[xX×](\d{1,5})$/.exec(value);
      if (!size) throw new Sentence(`${flag} must look like 512x512, not "${value}".`);
      return { widthPx: Number(size[1]), heightPx: Number(size[2]) };
    }
    case 'number': {
      const number = value.trim() === '' ? Number.NaN : Number(value);
      const isFit = option.integer ? Number.isSafeInteger(number) : Number.isFinite(number);
      if (!isFit || number < option.min || number > option.max) {
        const what = option.integer ? 'a whole number' : 'a number';
        throw new Sentence(`${flag} must be ${what} from ${option.min} to ${option.max}, not "${value}".`);
      }
      return number;
    }
  }
}

/**
 * @param {string} text
 * @param {string} mark
 * @returns {[string, string | undefined]}
 */
function splitOnce(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}

/**
 * @param {string} name
 * @param {string[]} known
 */
function nearest(name, known) {
  const close = known.find((other) => other.startsWith(name) || name.startsWith(other));
  return close ? `Did you mean --${close}?` : '--help lists the options.';
}

/**
 * @param {Readonly<Record<string, Option>>} table
 * @returns {string} one line per option
 */
export function describeOptions(table) {
  const rows = Object.entries(table).map(([name, option]) => [`--${name}${metavar(option)}`, option.help]);
  const width = Math.max(...rows.map(([left = '']) => left.length)) + 2;
  return rows.map(([left = '', right]) => `  ${left.padEnd(width)}${right}`).join('\n');
}

/** @param {Option} option */
function metavar(option) {
  if (option.kind === 'flag') return '';
  if (option.kind === 'choice') return ` ${option.of.join('|')}`;
  return option.kind === 'size' ? ' WxH' : ` ${option.value}`;
}
