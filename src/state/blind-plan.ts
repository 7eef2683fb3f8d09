/** From the setup of a blind test to its pairs, each request checked before anything is drawn. */
import type { BlindPair } from '#core/blind/blind-test.ts';
import { MAX_PAIRS, planPairs } from '#core/blind/pairs.ts';
import type { Failure } from '#core/failure.ts';
import { parseNumbers } from '#core/grid/values.ts';
import { type GenerateRequest, MAX_SEED } from '#core/pipeline/request.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { type Adapter, adapterProblem } from '#state/adapters.ts';
import type { BlindSetup } from '#state/blind.ts';
import { freezeDraft } from '#state/fit-draft.ts';
import { axisInfo, axisValues, type AxisValue, type GridPlace } from '#state/grid-axes.ts';
import { kitProblem } from '#state/kits.ts';
import { storageOf } from '#state/models.ts';

export type BlindPlan =
  | { ok: true; names: { a: string; b: string }; pairs: BlindPair[] }
  | { ok: false; reason: string }
  | { ok: false; failure: Failure };

/** @param shuffleSeed decides order and sides */
export function planBlind(setup: BlindSetup, place: GridPlace, shuffleSeed: number): BlindPlan {
  const a = sideOf(setup, setup.a, place);
  if (!a.ok) return { ok: false, reason: `A: ${a.reason}` };
  const b = sideOf(setup, setup.b, place);
  if (!b.ok) return { ok: false, reason: `B: ${b.reason}` };
  if (a.value.label === b.value.label)
    return { ok: false, reason: 'A and B are the same: choose two that differ.' };
  const prompts = promptsOf(setup.prompts);
  if (prompts.length === 0) return { ok: false, reason: 'Write at least one prompt, each on its own line.' };
  const seeds = parseNumbers(setup.seeds, { min: 0, max: MAX_SEED, isWhole: true });
  if (!seeds.ok) return { ok: false, reason: `Seeds: ${seeds.reason}` };
  const count = prompts.length * seeds.values.length;
  if (count > MAX_PAIRS)
    return { ok: false, reason: `${count} pairs are too many: up to ${MAX_PAIRS} can be judged.` };
  const pairs: BlindPair[] = [];
  for (const { prompt, seed, left } of planPairs(prompts, seeds.values, shuffleSeed)) {
    const requests: GenerateRequest[] = [];
    for (const { apply } of [a.value, b.value]) {
      const draft = { ...place.draft, prompt, seed, count: 1 };
      const state = apply({ draft, manifest: place.manifest });
      if ('problem' in state) return { ok: false, reason: state.problem };
      const frozen = freezeDraft(state.draft, state.manifest, state.revision);
      if (!frozen.ok) return frozen;
      requests.push(frozen.request);
    }
    pairs.push({ prompt, seed, left, requests: { a: requests[0]!, b: requests[1]! }, vote: null });
  }
  return { ok: true, names: { a: a.value.label, b: b.value.label }, pairs };
}

/** What the model of the form invites to compare: a pair of values to begin with. */
export function suggestedSides(kind: BlindSetup['kind'], place: GridPlace): { a: string; b: string } {
  const { choices } = axisInfo(kind, place);
  if (choices !== null) return { a: choices[0]?.id ?? '', b: choices[1]?.id ?? '' };
  if (kind !== 'steps') return { a: '', b: '' };
  const { min, max, default: usual } = place.manifest.steps;
  const few = Math.max(min, Math.min(usual, 2));
  return { a: `${few}`, b: `${Math.min(max, Math.max(usual, few * 4))}` };
}

export interface BlindPreset {
  id: string;
  label: string;
  /** Why it cannot be asked here. */
  reason: string | null;
  setup: Pick<BlindSetup, 'kind' | 'a' | 'b'>;
}

/** The questions that are asked most, ready to be voted on. */
export function blindPresets(place: GridPlace): BlindPreset[] {
  return [stepsPreset(place), storagePreset(place), adapterPreset(place)];
}

function stepsPreset(place: GridPlace): BlindPreset {
  const { a, b } = suggestedSides('steps', place);
  const reason =
    axisInfo('steps', place).reason ??
    (a === b ? `${place.manifest.name} is made for one number of steps.` : null);
  return { id: 'steps', label: 'Few steps or many', reason, setup: { kind: 'steps', a, b } };
}

/** Two forms of one model that differ in how their weights are stored. */
function storagePreset({ manifest, models }: GridPlace): BlindPreset {
  const forms = models.filter((model) => withoutForm(model) === withoutForm(manifest));
  const small = forms.find((model) => storageOf(model) === 'q8');
  const full = forms.find((model) => ['fp32', 'fp16'].includes(storageOf(model)));
  const isHere = small !== undefined && full !== undefined;
  return {
    id: 'storage',
    label: '8-bit or full weights',
    reason: isHere
      ? null
      : `${manifest.name} is here in its ${storageOf(manifest)} form only. Install another form of it under Models.`,
    setup: { kind: 'model', a: small?.id ?? '', b: full?.id ?? '' },
  };
}

/** Forms of one model are told apart by the end of their ids. */
function withoutForm(model: Manifest): string {
  return model.id.replace(`.${storageOf(model)}`, '');
}

function adapterPreset({ manifest, cards, kits, starters, draft }: GridPlace): BlindPreset {
  const fitting = cards.filter((card) => adapterProblem(card, manifest) === null);
  const isOn = ({ sha256 }: Adapter) => draft.adapters.some((use) => use.sha256 === sha256);
  const card = fitting.find(isOn) ?? fitting[0];
  const kit = kits.find(
    (one) => one.adapters.length > 0 && kitProblem(one, starters, cards, manifest) === null,
  );
  const label = `${card?.name ?? kit?.name ?? 'An adapter'} or none`;
  const id = 'adapter';
  if (card !== undefined) return { id, label, reason: null, setup: { kind: 'lora', a: '', b: card.sha256 } };
  if (kit !== undefined) return { id, label, reason: null, setup: { kind: 'kit', a: '', b: kit.id } };
  const reason = 'No adapter for this model is here. Drop a .safetensors file anywhere.';
  return { id, label, reason, setup: { kind: 'lora', a: '', b: '' } };
}

export function promptsOf(text: string): string[] {
  return [...new Set(text.split('\n').map((line) => line.trim()))].filter((line) => line !== '');
}

function sideOf(
  { kind }: BlindSetup,
  value: string,
  place: GridPlace,
): { ok: true; value: AxisValue } | { ok: false; reason: string } {
  const found = axisValues({ kind, text: value, chosen: [value] }, place);
  if (!found.ok) return found;
  const [first, ...more] = found.values;
  if (first === undefined) return { ok: false, reason: 'Choose what differs.' };
  return more.length > 0 ? { ok: false, reason: 'One value only.' } : { ok: true, value: first };
}
