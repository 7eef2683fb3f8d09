/** Styles, lists and earlier prompts, and what they make of the form's words. */
import { create } from 'zustand';
import type { Failure } from '#core/failure.ts';
import { seedsOf } from '#core/pipeline/request.ts';
import {
  type Composed,
  composePrompts,
  type Lines,
  unknownLists,
  type Written,
} from '#core/prompt/compose.ts';
import { listNames } from '#core/prompt/expand.ts';
import { listLookup } from '#core/prompt/word-list.ts';
import type { Draft } from '#state/draft.ts';
import type { Words } from '#storage/words.ts';

export interface WordsState extends Words {
  /** Lists and styles are known: before that none is said to be missing. */
  status: 'loading' | 'ready';
}

export const useWords = create<WordsState>(() => ({ status: 'loading', styles: [], lists: [], earlier: [] }));

const lookups = new WeakMap<WordsState['lists'], Lines>();

/** The lines of a list of a person. */
export function linesNow(): Lines {
  const { lists } = useWords.getState();
  const lookup = lookups.get(lists) ?? listLookup(lists);
  lookups.set(lists, lookup);
  return lookup;
}

/** The form's words with the styles that are on and here. */
export function writtenIn({ prompt, negativePrompt, styles }: Draft): Written {
  const known = useWords.getState().styles;
  return {
    prompt: prompt.trim(),
    negativePrompt: negativePrompt.trim(),
    styles: styles.flatMap((name) => known.find((style) => style.name === name) ?? []),
  };
}

/** The texts of each picture that the form asks for. */
export function composeDraft(draft: Draft): Composed {
  const { seed, variation } = draft;
  const own = variation === null ? { seed } : { seed, variation };
  const seeds = Array.from({ length: draft.count }, (_, k) => seedsOf(own, k).seed);
  return composePrompts(writtenIn(draft), seeds, linesNow());
}

/** Styles or lists that the form names and that are not here, or null. */
export function wordsProblem(draft: Draft): Failure | null {
  const { status, styles } = useWords.getState();
  if (status === 'loading') return null;
  const gone = draft.styles.filter((name) => !styles.some((style) => style.name === name));
  if (gone.length > 0) return { code: 'styles-unknown', names: gone };
  const names = unknownLists(writtenIn(draft), linesNow(), listNames);
  return names.length === 0 ? null : { code: 'lists-unknown', names };
}
