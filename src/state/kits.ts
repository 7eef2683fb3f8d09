/** The kits that are here: the person's own, in their order, and the brands that ship. */
import { create } from 'zustand';
import type { Failure } from '#core/failure.ts';
import { isWornAsIs, type Kit, takeOffKit } from '#core/kits/kit.ts';
import { type StarterKit, starterMismatch } from '#core/kits/starters.ts';
import { literalPrompt } from '#core/prompt/expand.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { type Adapter, adapterProblem } from '#state/adapters.ts';
import type { Draft } from '#state/draft.ts';

export interface KitsState {
  status: 'loading' | 'ready';
  own: readonly Kit[];
  starters: readonly StarterKit[];
  /** Ids of brands that the person put away. */
  hidden: readonly string[];
  /** Brands whose file is being fetched, and how much of it is here, 0 to 1. */
  fetching: Readonly<Record<string, number>>;
  /** Why a brand's file could not be had. */
  fetchFailures: Readonly<Record<string, Failure>>;
  /** A file of kits is being written or read, and how far that is, 0 to 1. */
  carrying: { what: 'import' | 'export'; fraction: number } | null;
  /** Why the last import, export or change was refused. */
  failure: Failure | null;
  /** What the form said where the chosen kit's settings stand now, to be put back with the next choice. */
  replaced: Partial<Draft>;
}

export const useKits = create<KitsState>(() => ({
  status: 'loading',
  own: [],
  starters: [],
  hidden: [],
  fetching: {},
  fetchFailures: {},
  carrying: null,
  failure: null,
  replaced: {},
}));

/** Own kits first, then the brands that are not put away. */
export function shownKits({ own, starters, hidden }: Pick<KitsState, 'own' | 'starters' | 'hidden'>): Kit[] {
  return [...own, ...starters.map(({ kit }) => kit).filter(({ id }) => !hidden.includes(id))];
}

export function findKit({ own, starters }: Pick<KitsState, 'own' | 'starters'>, id: string): Kit | null {
  if (id === '') return null;
  return own.find((kit) => kit.id === id) ?? starters.find(({ kit }) => kit.id === id)?.kit ?? null;
}

export function findStarter({ starters }: Pick<KitsState, 'starters'>, id: string): StarterKit | null {
  return starters.find(({ kit }) => kit.id === id) ?? null;
}

/** Why this model cannot wear a kit, or what the kit lacks; null where nothing stands in the way. */
export function kitProblem(
  kit: Kit,
  starters: readonly StarterKit[],
  cards: readonly Adapter[],
  manifest: Manifest,
): Failure | null {
  const starter = starters.find((each) => each.kit.id === kit.id);
  const mismatch = starter === undefined ? null : starterMismatch(starter, manifest);
  if (mismatch !== null) return mismatch;
  const missing: string[] = [];
  for (const { sha256, name } of kit.adapters) {
    const card = cards.find((known) => known.sha256 === sha256);
    const problem = card === undefined ? null : adapterProblem(card, manifest);
    if (problem !== null) return problem;
    // What ships can be fetched whenever it is needed, also for a copy of its kit.
    if (card === undefined && sourceOf(sha256, starters) === null) missing.push(name);
  }
  return missing.length === 0 ? null : { code: 'kit-incomplete', kit: kit.name, adapters: missing };
}

/** The brand that an adapter's file ships with, or null. */
export function sourceOf(sha256: string, starters: readonly StarterKit[]): StarterKit | null {
  return starters.find(({ kit }) => kit.adapters[0]?.sha256 === sha256) ?? null;
}

/**
 * What a request puts into the form: the person's own words again and the kit beside them, where that kit is here and
 * unchanged. Else all that the request says, and no kit. Styles, choices and lists are in its words already, so the
 * form gets them as plain words: either way the same picture, and nothing twice.
 */
export function formOf<R extends Partial<GenerateRequest>>(
  request: R,
): Omit<R, 'kit' | 'prompts' | 'template' | 'words'> &
  Pick<Draft, 'adapters' | 'kitId'> &
  Partial<Pick<Draft, 'styles'>> {
  const { kit: note, prompts: _each, template: _written, words: _noted, ...said } = request;
  const kit = note === undefined ? null : findKit(useKits.getState(), note.id);
  const { prompt = '', negativePrompt = '', adapters = [] } = said;
  const worn = { prompt, negativePrompt, adapters, ...(note === undefined ? {} : { kit: note }) };
  const isWorn = kit !== null && isWornAsIs(worn, kit);
  const words = isWorn ? takeOffKit(worn) : worn;
  return {
    ...said,
    ...(said.prompt === undefined ? {} : { prompt: literalPrompt(words.prompt), styles: [] }),
    ...(said.negativePrompt === undefined ? {} : { negativePrompt: literalPrompt(words.negativePrompt) }),
    adapters: words.adapters,
    kitId: isWorn ? kit.id : '',
  };
}

/** The settings that a kit puts into the form. */
export function kitSettings(kit: Kit | null): Partial<Draft> {
  if (kit === null) return {};
  const { size, ...others } = kit.defaults;
  return { ...others, ...size };
}
