/** The adapters that are kept here, and what the form says about them: its list and the tags of its prompt as one. */
import { create } from 'zustand';
import type { Failure } from '#core/failure.ts';
import { type FamilyGuess, isForOthers, modelWords } from '#core/lora/family.ts';
import { says } from '#core/lora/new-words.ts';
import { bucketFor } from '#core/lora/stack.ts';
import { type AdapterWeights, findFile, resolveUses } from '#core/lora/uses.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { AdapterUse, GenerateRequest, WordUse } from '#core/pipeline/request.ts';
import type { Draft } from '#state/draft.ts';
import { useModels } from '#state/models.ts';
import type { AdapterCard } from '#storage/adapters.ts';

/** An adapter that is kept, as its file tells. Words of a stranger: shown as text only. */
export type Adapter = AdapterCard;

export interface AdaptersState {
  status: 'loading' | 'ready';
  /** Those that change layers, oldest first. */
  cards: Adapter[];
  /** Textual inversions, oldest first: a prompt that says their words uses them. */
  words: Adapter[];
  /** Names of files that are being read and checked. */
  adding: string[];
  /** Why files of the last addition were refused. */
  failures: Failure[];
  /** Why a model cannot use an adapter by its shapes, or null: by `modelKey`, then by the adapter's sha256. */
  judged: Readonly<Record<string, Readonly<Record<string, Failure | null>>>>;
  /** What an adapter had when it was switched off, by its sha256. */
  restingWeights: Readonly<Record<string, AdapterWeights>>;
}

export const useAdapters = create<AdaptersState>(() => ({
  status: 'loading',
  cards: [],
  words: [],
  adding: [],
  failures: [],
  judged: {},
  restingWeights: {},
}));

/** A textual inversion as the form has it. */
export interface WordRow {
  card: Adapter;
  /** As a prompt says it. */
  word: string;
  isSaid: boolean;
  /** Why this model cannot read it. */
  problem: Failure | null;
}

/** What prompts say for a textual inversion. */
export function wordOf({ summary, name }: Adapter): string {
  return summary.triggerWords[0] ?? name;
}

export function wordList(
  { prompt, negativePrompt }: Pick<Draft, 'prompt' | 'negativePrompt'>,
  cards: readonly Adapter[],
  manifest: Manifest,
): WordRow[] {
  return cards.map((card) => {
    const word = wordOf(card);
    return {
      card,
      word,
      isSaid: says(prompt, word) || says(negativePrompt, word),
      problem: adapterProblem(card, manifest),
    };
  });
}

/** One adapter as the form has it. */
export interface AdapterRow {
  card: Adapter;
  /** Where it is off, what it would be switched on with. */
  weights: AdapterWeights;
  isOn: boolean;
  /** A tag of the prompt turns it on. */
  isInPrompt: boolean;
  /** Why this model cannot use it. */
  problem: Failure | null;
}

export interface AdapterList {
  rows: AdapterRow[];
  /** Names that the form asks for and that are not here. */
  missing: string[];
  /** Rank of all that are on together. */
  rank: number;
  /** What the model is opened for; null where the rank is beyond every bucket. */
  bucket: number | null;
}

const FULL: AdapterWeights = { textWeight: 1, denoiserWeight: 1 };

export function adapterList(
  { prompt, adapters }: Pick<Draft, 'prompt' | 'adapters'>,
  { cards, restingWeights }: Pick<AdaptersState, 'cards' | 'restingWeights'>,
  manifest: Manifest,
): AdapterList {
  const { uses, missing, unknown } = resolveUses(prompt, adapters, cards);
  const rows = cards.map((card): AdapterRow => {
    const use = uses.find(({ adapter }) => adapter.sha256 === card.sha256)?.use;
    return {
      card,
      weights: use ?? restingWeights[card.sha256] ?? FULL,
      isOn: use !== undefined,
      isInPrompt: use?.inPrompt ?? false,
      problem: adapterProblem(card, manifest),
    };
  });
  const rank = rows
    .filter(({ isOn, problem, weights }) => isOn && problem === null && !isZero(weights))
    .reduce((sum, { card }) => sum + card.summary.rank, 0);
  const names = new Set([...missing, ...unknown].map(({ name }) => name));
  return { rows, missing: [...names], rank, bucket: bucketFor(rank) };
}

/** Tells models apart by what adapters stand beside. */
export function modelKey({ id, parts, denoiser, files }: Manifest): string {
  const graph = parts[denoiser.part]?.variants[0]?.graph ?? '';
  return `${id} ${files[graph]?.sha256 ?? ''}`;
}

/** Why a model cannot use an adapter, as far as its file tells, and its shapes where they were compared. */
export function adapterProblem(card: Adapter, manifest: Manifest): Failure | null {
  const { family, familyLabel } = card.summary;
  const guess = family === null || familyLabel === null ? null : { family, label: familyLabel };
  if (guess === null || !isForOthers(guess, manifest))
    return useAdapters.getState().judged[modelKey(manifest)]?.[card.sha256] ?? null;
  return {
    code: 'adapter-mismatch',
    adapter: card.name,
    adapterFamily: familyWords(guess),
    model: manifest.name,
    modelFamily: modelWords(manifest),
    detail: `it was trained for ${guess.label}`,
  };
}

/** What a file says it was trained for, in words; null where it does not tell. */
export function familyWordsOf({ summary: { family, familyLabel } }: Adapter): string | null {
  return family === null || familyLabel === null ? null : familyWords({ family, label: familyLabel });
}

/** A family of a model of its own is called as its model is, where that is here. */
function familyWords({ family, label }: FamilyGuess): string {
  if (family !== 'other') return label;
  return useModels.getState().models.find((model) => model.family === label)?.name ?? label;
}

/** The first adapter or word that a request uses and that this model cannot, as far as files tell. */
export function misfitIn(
  { prompt, negativePrompt, prompts, adapters = [] }: GenerateRequest,
  manifest: Manifest,
): Failure | null {
  const { cards, words } = useAdapters.getState();
  for (const texts of prompts ?? [{ prompt, negativePrompt }]) {
    const { uses } = resolveUses(texts.prompt, adapters, cards);
    const used = uses.filter(({ use }) => !isZero(use)).map(({ adapter }) => adapter);
    const said = wordList(texts, words, manifest).filter(({ isSaid }) => isSaid);
    const problems = [
      ...used.map((card) => adapterProblem(card, manifest)),
      ...said.map((row) => row.problem),
    ];
    const first = problems.find((problem) => problem !== null);
    if (first !== undefined) return first;
  }
  return null;
}

/** Without those that this model cannot use: they stay in the form and come back with a model that can. */
export function effectiveAdapters(
  listed: readonly AdapterUse[],
  cards: readonly Adapter[],
  manifest: Manifest,
): readonly AdapterUse[] {
  const used = listed.filter((use) => {
    const card = use.inPrompt ? null : findFile(cards, use);
    return card === null || adapterProblem(card, manifest) === null;
  });
  // The same list where all fit, so that two requests can be told to be alike.
  return used.length === listed.length ? listed : used;
}

/** A sentence that names what a form asks for and is not here, or null. */
export function missingSentence({
  prompt,
  adapters,
}: {
  prompt: string;
  adapters: readonly AdapterUse[];
}): string | null {
  const { cards, status } = useAdapters.getState();
  if (status === 'loading') return null;
  const { missing, unknown } = resolveUses(prompt, adapters, cards);
  const names = [...new Set([...missing, ...unknown].map(({ name }) => `“${name.slice(0, 60)}”`))];
  if (names.length === 0) return null;
  if (names.length === 1) return `The adapter ${names[0]} is not here: add its file.`;
  return `These adapters are not here: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' and more' : ''}.`;
}

/** A sentence that names the words which a picture was drawn with and which are not here, or null. */
export function missingWordsSentence(noted: readonly WordUse[] | undefined): string | null {
  const { words, status } = useAdapters.getState();
  if (status === 'loading' || noted === undefined) return null;
  const names = noted
    .filter(({ fileHash }) => !words.some(({ sha256 }) => sha256.startsWith(fileHash)))
    .map(({ word }) => `“${word.slice(0, 60)}”`);
  if (names.length === 0) return null;
  const which =
    names.length === 1
      ? `The word ${names[0]} was`
      : `The words ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' and more' : ''} were`;
  return `${which} brought by a file that is not here: add it.`;
}

function isZero({ textWeight, denoiserWeight }: AdapterWeights): boolean {
  return textWeight === 0 && denoiserWeight === 0;
}
