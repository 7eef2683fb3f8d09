/** From what the form says to the texts that are drawn: styles around the words, then choices and lists by each seed. */
import type { PromptPair, PromptTemplate } from '#core/pipeline/request.ts';
import { expandPrompt } from './expand.ts';
import { frame } from './frame.ts';
import type { Style } from './styles.ts';

export interface Written extends PromptPair {
  /** Those that are on, in their order. */
  readonly styles: readonly Style[];
}

export interface Composed extends PromptPair {
  /** Where the pictures' texts are not all alike. */
  readonly prompts?: readonly PromptPair[];
  /** Where the texts are not what was written. */
  readonly template?: PromptTemplate;
}

/** A prompt and its negative draw apart, so that a word more in one does not change the other. */
const NEGATIVE_STREAM = 0x9e3779b9;

export type Lines = (name: string) => readonly string[] | null;

/** @param seeds of the pictures, at least one */
export function composePrompts(written: Written, seeds: readonly number[], lines: Lines): Composed {
  const { prompt, negativePrompt, styles } = written;
  const framed = framedPrompts(written);
  const texts = seeds.map((seed) => ({
    prompt: expandPrompt(framed.prompt, { seed, lines }).text.trim(),
    negativePrompt: expandPrompt(framed.negativePrompt, { seed: seed ^ NEGATIVE_STREAM, lines }).text.trim(),
  }));
  const first = texts[0]!;
  const areAlike = texts.every((text) => isSame(text, first));
  const isAsWritten = areAlike && styles.length === 0 && isSame(first, { prompt, negativePrompt });
  return {
    ...first,
    ...(areAlike ? {} : { prompts: texts }),
    ...(isAsWritten ? {} : { template: { prompt, negativePrompt, styles: styles.map(({ name }) => name) } }),
  };
}

/** Names of lists that the words, the styles or the lists themselves ask for in vain. */
export function unknownLists(written: Written, lines: Lines, namesOf: (text: string) => string[]): string[] {
  const { prompt, negativePrompt } = framedPrompts(written);
  const seen = new Set<string>();
  const unknown: string[] = [];
  const wanted = [...namesOf(prompt), ...namesOf(negativePrompt)];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const found = lines(name);
    if (found === null) unknown.unshift(name);
    else wanted.push(...found.filter((line) => line.includes('__')).flatMap(namesOf));
  }
  return unknown;
}

/** Without words of their own a person asks for nothing, whatever stands around it. */
export function framedPrompts({ prompt, negativePrompt, styles }: Written): PromptPair {
  if (prompt.trim() === '') return { prompt: '', negativePrompt };
  return {
    prompt: frame(
      prompt,
      styles.map((style) => style.prompt).filter((words) => words.trim() !== ''),
    ),
    negativePrompt: frame(
      negativePrompt,
      styles.map((style) => style.negativePrompt).filter((words) => words.trim() !== ''),
    ),
  };
}

function isSame(a: PromptPair, b: PromptPair): boolean {
  return a.prompt === b.prompt && a.negativePrompt === b.negativePrompt;
}
