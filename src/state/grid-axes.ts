/** What each axis of a grid may hold for the model of the form, and what a value of it changes. */
import { replaceInPrompt } from '#core/grid/plan.ts';
import { type NumberLimits, parseList, parseNumbers } from '#core/grid/values.ts';
import type { Kit } from '#core/kits/kit.ts';
import type { StarterKit } from '#core/kits/starters.ts';
import { loraTags, rewriteTags, useOf } from '#core/lora/uses.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { Control } from '#core/pipeline/controls.ts';
import { MAX_ADAPTER_WEIGHT, MAX_SEED } from '#core/pipeline/request.ts';
import { adapterProblem, type Adapter } from '#state/adapters.ts';
import { controlsOf } from '#state/controls.ts';
import type { Draft } from '#state/draft.ts';
import { fitDraft } from '#state/fit-draft.ts';
import type { AxisDraft, AxisKind } from '#state/grid.ts';
import { modelLabel } from '#state/models.ts';

/** What is here to draw a grid with. */
export interface GridPlace {
  draft: Draft;
  manifest: Manifest;
  models: readonly Manifest[];
  cards: readonly Adapter[];
  kits: readonly Kit[];
  starters: readonly StarterKit[];
  /** Installed versions of the form's model. */
  versions: readonly { revision: string; label: string }[];
}

export interface AxisInfo {
  label: string;
  /** Why this axis has no effect now. */
  reason: string | null;
  /** What can be chosen; null where values are typed. */
  choices: { id: string; label: string }[] | null;
  hint: string;
}

export interface AxisValue {
  label: string;
  /** Changes the form and, for some axes, the model that draws. */
  apply: (state: CellState) => CellState | { problem: string };
}

export interface CellState {
  draft: Draft;
  manifest: Manifest;
  revision?: string;
}

export const AXIS_KINDS: readonly AxisKind[] = [
  'none',
  'seed',
  'steps',
  'sampler',
  'schedule',
  'guidance',
  'rescale',
  'size',
  'prompt',
  'strength',
  'lora',
  'lora-weight',
  'kit',
  'model',
  'version',
];

/** What changes most comes first: a value of a later kind is judged by the model that an earlier one chose. */
export const APPLY_ORDER: readonly AxisKind[] = ['model', 'version', 'kit', 'prompt', 'lora', 'lora-weight'];

const NUMBERS = 'A list or ranges: 1, 2, 4 · 1-4 · 1-9 (+2) · 1-10 [5]';
const PICK = 'Choose two or more.';

function off(control: Control<unknown>): string | null {
  return control.enabled ? null : control.reason;
}

export function axisInfo(kind: AxisKind, place: GridPlace): AxisInfo {
  const { manifest, models, cards, kits, versions, draft } = place;
  const controls = controlsOf(manifest);
  const of = (
    label: string,
    hint: string,
    reason: string | null = null,
    choices: AxisInfo['choices'] = null,
  ) => ({
    label,
    hint,
    reason,
    choices,
  });
  switch (kind) {
    case 'none':
      return of('Nothing', '');
    case 'seed':
      return of('Seed', NUMBERS);
    case 'steps':
      return of('Steps', NUMBERS, off(controls.steps));
    case 'guidance':
      return of('Guidance', NUMBERS, off(controls.guidanceScale));
    case 'rescale':
      return of('Guidance rescale', NUMBERS, off(controls.guidanceRescale));
    case 'sampler': {
      const { sampler } = controls;
      return of('Sampler', PICK, off(sampler), sampler.enabled ? sampler.options : []);
    }
    case 'schedule': {
      const { schedule } = controls;
      return of('Schedule', PICK, off(schedule), schedule.enabled ? schedule.options : []);
    }
    case 'size': {
      const { size } = controls;
      const listed = size.enabled ? size.only : [];
      const choices = listed?.map(({ widthPx, heightPx }) => ({
        id: `${widthPx}x${heightPx}`,
        label: `${widthPx} × ${heightPx}`,
      }));
      return of(
        'Size',
        choices === undefined ? 'Sizes between commas: 256x256, 320x192' : PICK,
        off(size),
        choices ?? null,
      );
    }
    case 'strength':
      return of(
        'Strength',
        NUMBERS,
        off(controls.source) ?? (draft.init === null ? 'There is no source picture in the form.' : null),
      );
    case 'lora': {
      const choices = cards.filter((card) => adapterProblem(card, manifest) === null);
      return of('LoRA', PICK, choices.length === 0 ? 'No adapter for this model is here.' : null, [
        { id: '', label: 'None' },
        ...choices.map(({ sha256, name }) => ({ id: sha256, label: name })),
      ]);
    }
    case 'lora-weight':
      return of('LoRA weight', NUMBERS, cards.length === 0 ? 'No adapter is here.' : null);
    case 'kit':
      return of('Kit', PICK, kits.length === 0 ? 'There are no kits.' : null, [
        { id: '', label: 'None' },
        ...kits.map(({ id, name }) => ({ id, label: name })),
      ]);
    case 'model':
      return of(
        'Model',
        PICK,
        models.length < 2 ? 'Only one model is here.' : null,
        models.map((model) => ({ id: model.id, label: modelLabel(model, models) })),
      );
    case 'version':
      return of(
        'Model version',
        PICK,
        versions.length < 2 ? 'Only one version of this model is installed.' : null,
        versions.map(({ revision, label }) => ({ id: revision, label })),
      );
    case 'prompt':
      return of(
        'Prompt S/R',
        'What to look for in the prompt, then what to put in its place: red, blue, "green, shiny"',
        draft.prompt.trim() === '' ? 'The prompt is empty.' : null,
      );
  }
}

/** The values of an axis, or why there are none. */
export function axisValues(
  { kind, text, chosen }: AxisDraft,
  place: GridPlace,
): { ok: true; values: AxisValue[] } | { ok: false; reason: string } {
  const { label, reason, choices } = axisInfo(kind, place);
  if (kind === 'none') return { ok: true, values: [] };
  if (reason !== null) return { ok: false, reason };
  if (choices !== null) {
    const ids = choices.filter(({ id }) => chosen.includes(id));
    if (ids.length === 0) return { ok: false, reason: 'Nothing is chosen yet.' };
    return {
      ok: true,
      values: ids.map((choice) => ({ label: choice.label, apply: applyChoice(kind, choice.id, place) })),
    };
  }
  if (kind === 'prompt' || kind === 'size') return listValues(kind, text, place);
  const parsed = parseNumbers(text, limitsOf(kind, place));
  if (!parsed.ok) return parsed;
  return {
    ok: true,
    values: parsed.values.map((value) => ({ label: `${label} ${value}`, apply: applyNumber(kind, value) })),
  };
}

function listValues(
  kind: 'prompt' | 'size',
  text: string,
  { draft }: GridPlace,
): { ok: true; values: AxisValue[] } | { ok: false; reason: string } {
  const parsed = parseList(text);
  if (!parsed.ok) return parsed;
  if (kind === 'prompt') {
    const [search = ''] = parsed.values;
    if (replaceInPrompt(draft.prompt, search, search) === null)
      return { ok: false, reason: `“${search.slice(0, 40)}” does not stand in the prompt.` };
    return {
      ok: true,
      values: parsed.values.map((value) => ({ label: value, apply: applyReplacement(search, value) })),
    };
  }
  const values: AxisValue[] = [];
  for (const size of parsed.values) {
    const [, width, height] = /^(\d{1,5})\s*[x×]\s*(\d{1,5})$/i.exec(size) ?? [];
    if (width === undefined || height === undefined)
      return { ok: false, reason: `“${size.slice(0, 40)}” is not a size such as 256x256.` };
    const change = { widthPx: Number(width), heightPx: Number(height) };
    values.push({
      label: `${width} × ${height}`,
      apply: (state) => ({ ...state, draft: { ...state.draft, ...change } }),
    });
  }
  return { ok: true, values };
}

function limitsOf(kind: AxisKind, { manifest }: GridPlace): NumberLimits {
  const { steps, guidanceScale } = controlsOf(manifest);
  switch (kind) {
    case 'seed':
      return { min: 0, max: MAX_SEED, isWhole: true };
    case 'steps':
      return { min: steps.enabled ? steps.min : 1, max: steps.enabled ? steps.max : 1, isWhole: true };
    case 'guidance':
      return { min: 0, max: guidanceScale.enabled ? guidanceScale.max : 1, isWhole: false };
    case 'lora-weight':
      return { min: -MAX_ADAPTER_WEIGHT, max: MAX_ADAPTER_WEIGHT, isWhole: false };
    default:
      return { min: 0, max: 1, isWhole: false };
  }
}

function put(change: Partial<Draft>): AxisValue['apply'] {
  return (state) => ({ ...state, draft: { ...state.draft, ...change } });
}

function applyNumber(kind: AxisKind, value: number): AxisValue['apply'] {
  switch (kind) {
    case 'seed':
      return put({ seed: value });
    case 'steps':
      return put({ steps: value });
    case 'guidance':
      return put({ guidanceScale: value });
    case 'rescale':
      return put({ guidanceRescale: value });
    case 'strength':
      return (state) => withStrength(state, value);
    default:
      return (state) => withLoraWeight(state, value);
  }
}

function applyChoice(kind: AxisKind, id: string, { models, cards }: GridPlace): AxisValue['apply'] {
  switch (kind) {
    case 'sampler':
      return put({ sampler: id });
    case 'schedule':
      return put({ schedule: id });
    case 'size': {
      const [widthPx = 0, heightPx = 0] = id.split('x').map(Number);
      return put({ widthPx, heightPx });
    }
    case 'kit':
      return put({ kitId: id });
    case 'model': {
      const manifest = models.find((model) => model.id === id);
      if (manifest === undefined) return () => ({ problem: 'This model is not here any more.' });
      return ({ draft }) => ({ draft: fitDraft(draft, manifest), manifest });
    }
    case 'version':
      return (state) => ({ ...state, revision: id });
    default: {
      const card = cards.find(({ sha256 }) => sha256 === id);
      const uses = card === undefined ? [] : [useOf(card, { textWeight: 1, denoiserWeight: 1 }, false)];
      return (state) => ({
        ...state,
        draft: { ...state.draft, prompt: rewriteTags(state.draft.prompt, () => true, null), adapters: uses },
      });
    }
  }
}

function applyReplacement(search: string, value: string): AxisValue['apply'] {
  return (state) => {
    const prompt = replaceInPrompt(state.draft.prompt, search, value);
    if (prompt === null) return { problem: `“${search.slice(0, 40)}” does not stand in the prompt.` };
    return { ...state, draft: { ...state.draft, prompt } };
  };
}

/** Of every adapter that is on, in the list or by a tag. */
function withLoraWeight(state: CellState, weight: number): CellState | { problem: string } {
  const { draft } = state;
  const weights = { textWeight: weight, denoiserWeight: weight };
  const prompt = loraTags(draft.prompt).reduce(
    (text, { name }) => rewriteTags(text, (one) => one === name, weights),
    draft.prompt,
  );
  const adapters = draft.adapters.map((use) => ({ ...use, ...weights }));
  if (loraTags(draft.prompt).length === 0 && adapters.length === 0)
    return { problem: 'No adapter is on in the form.' };
  return { ...state, draft: { ...draft, prompt, adapters } };
}

function withStrength(state: CellState, strength: number): CellState | { problem: string } {
  const { init } = state.draft;
  if (init === null) return { problem: 'There is no source picture in the form.' };
  if (strength === 0) return { problem: 'Strength has to be above 0.' };
  return { ...state, draft: { ...state.draft, init: { ...init, strength } } };
}
