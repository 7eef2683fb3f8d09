/** Named frames around a prompt, and the table file in which the field keeps them. */
import { MAX_STYLE_NAME } from '#core/pipeline/request.ts';

export interface Style {
  readonly name: string;
  /** With `{prompt}` where the words go, or what follows them. */
  readonly prompt: string;
  readonly negativePrompt: string;
}

export const MAX_STYLES = 2000;
export const MAX_STYLE_CHARACTERS = 4000;
export const MAX_STYLES_FILE_BYTES = 4 * 2 ** 20;

export type StylesResult = { ok: true; styles: Style[]; skipped: number } | { ok: false; reason: string };

/** Columns by the names that tools give them. */
const COLUMNS = {
  name: ['name', 'style'],
  prompt: ['prompt', 'text'],
  negativePrompt: ['negative_prompt', 'negative prompt', 'negative'],
};

/**
 * Reads `styles.csv`: name, prompt, negative_prompt, quoted as RFC 4180 has it. Rows without a name or words, and what is
 * beyond the limits, are skipped and counted. Of two rows of one name the last counts, as in the field.
 */
export function parseStyles(csv: string): StylesResult {
  if (csv.length > MAX_STYLES_FILE_BYTES) return { ok: false, reason: 'it is longer than 4 MB' };
  const [header, ...rows] = parseCsv(csv.replace(/^\uFEFF/, ''));
  const titles = (header ?? []).map((title) => title.trim().toLowerCase());
  const at = (names: readonly string[]) => titles.findIndex((title) => names.includes(title));
  const name = at(COLUMNS.name);
  const prompt = at(COLUMNS.prompt);
  const negative = at(COLUMNS.negativePrompt);
  if (name === -1 || prompt === -1)
    return { ok: false, reason: 'its first line does not name the columns name and prompt' };
  const styles = new Map<string, Style>();
  let skipped = 0;
  for (const row of rows) {
    if (row.every((cell) => cell.trim() === '')) continue;
    const style = {
      name: (row[name] ?? '').trim(),
      prompt: (row[prompt] ?? '').trim(),
      negativePrompt: (negative === -1 ? '' : (row[negative] ?? '')).trim(),
    };
    if (styles.size < MAX_STYLES && styleProblem(style) === null) styles.set(style.name, style);
    else skipped++;
  }
  return { ok: true, styles: [...styles.values()], skipped };
}

/** Why a style cannot be kept, in a sentence, or null. */
export function styleProblem({ name, prompt, negativePrompt }: Style): string | null {
  if (name.trim() === '') return 'A style needs a name.';
  if (name.length > MAX_STYLE_NAME) return `A name has at most ${MAX_STYLE_NAME} characters.`;
  if (prompt.trim() === '' && negativePrompt.trim() === '') return 'A style needs words.';
  if (Math.max(prompt.length, negativePrompt.length) > MAX_STYLE_CHARACTERS)
    return `A style has at most ${MAX_STYLE_CHARACTERS} characters.`;
  return null;
}

export function formatStyles(styles: readonly Style[]): string {
  const rows = styles.map(({ name, prompt, negativePrompt }) => [name, prompt, negativePrompt]);
  return [['name', 'prompt', 'negative_prompt'], ...rows]
    .map((row) => row.map(quoted).join(','))
    .join('\r\n')
    .concat('\r\n');
}

function quoted(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Linear in the text, whatever stands in it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const CELL = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|\n|\r|$)/y;
  for (let at = 0; at < text.length; ) {
    CELL.lastIndex = at;
    // Some cell is always found: what is no quoted cell is a plain one, to the next comma or line.
    const match = CELL.exec(text)!;
    row.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'));
    at += match[0].length;
    if (match[3] !== ',' || at === text.length) {
      if (match[3] === ',') row.push('');
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
