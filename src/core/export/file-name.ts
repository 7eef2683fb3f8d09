/** Names of exported files from a pattern, with the field's tokens: `[number]-[seed]-[prompt_words]`. */
import { safeFileName } from '#core/metadata/file-name.ts';
import { extractTags } from '#core/prompt/tags.ts';

export interface NameFacts {
  /** From 1, written with at least five digits. */
  number: number;
  seed: number;
  steps: number;
  cfg: number;
  widthPx: number;
  heightPx: number;
  sampler: string;
  schedule: string;
  modelName: string;
  modelHash: string | null;
  prompt: string;
  negativePrompt: string;
  /** From 1, within the export. */
  position: number;
  /** When the picture was made, in the time of its place. */
  made: { year: number; month: number; day: number; hour: number; minute: number; second: number };
}

export const DEFAULT_PATTERN = '[number]-[seed]-[prompt_words]';
export const MAX_PATTERN = 200;

const MAX_WORDS = 12;

const TOKENS: Readonly<Record<string, (facts: NameFacts) => string>> = {
  number: ({ number }) => String(number).padStart(5, '0'),
  seed: ({ seed }) => String(seed),
  steps: ({ steps }) => String(steps),
  cfg: ({ cfg }) => String(cfg),
  width: ({ widthPx }) => String(widthPx),
  height: ({ heightPx }) => String(heightPx),
  sampler: ({ sampler }) => sampler,
  scheduler: ({ schedule }) => schedule,
  model_name: ({ modelName }) => modelName,
  model_hash: ({ modelHash }) => modelHash ?? '',
  date: ({ made }) => `${made.year}-${two(made.month)}-${two(made.day)}`,
  datetime: ({ made }) =>
    `${made.year}${two(made.month)}${two(made.day)}${two(made.hour)}${two(made.minute)}${two(made.second)}`,
  prompt: ({ prompt }) => words(prompt).join('_'),
  prompt_spaces: ({ prompt }) => words(prompt).join(' '),
  prompt_words: ({ prompt }) => words(prompt).slice(0, MAX_WORDS).join('_'),
  negative_prompt: ({ negativePrompt }) => words(negativePrompt).join('_'),
  batch_number: ({ position }) => String(position),
};

export const NAME_TOKENS: readonly string[] = Object.keys(TOKENS);

/** Tokens of a pattern that mean nothing. */
export function unknownTokens(pattern: string): string[] {
  return [...pattern.matchAll(/\[([^[\]]*)\]/g)]
    .map((match) => match[1]!)
    .filter((token) => !Object.hasOwn(TOKENS, token));
}

/** @param extension without its dot. A token that means nothing stays as it is written */
export function exportFileName(pattern: string, facts: NameFacts, extension: string): string {
  const name = pattern.slice(0, MAX_PATTERN).replace(/\[([^[\]]*)\]/g, (written, token: string) =>
    // A slash in a model's name must not make a folder.
    Object.hasOwn(TOKENS, token) ? TOKENS[token]!(facts).replaceAll(/[/\\]/g, '-') : written,
  );
  return safeFileName(name, extension);
}

/** Of several files none may hide another: the second of a name gets a 2. */
export function freeNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const dot = name.lastIndexOf('.');
    let free = name;
    for (let k = 2; taken.has(free.toLowerCase()); k++)
      free = `${name.slice(0, dot)} (${k})${name.slice(dot)}`;
    taken.add(free.toLowerCase());
    return free;
  });
}

function words(prompt: string): string[] {
  return extractTags(prompt)
    .text.normalize('NFC')
    .replace(/[()[\]{},:]/g, ' ')
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
