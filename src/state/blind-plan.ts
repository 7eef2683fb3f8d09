/** From the setup of a blind test to its pairs, each request checked before anything is drawn. */
import type { BlindPair } from '#core/blind/blind-test.ts';
import { MAX_PAIRS, planPairs } from '#core/blind/pairs.ts';
import type { Failure } from '#core/failure.ts';
import { parseNumbers } from '#core/grid/values.ts';
import { type GenerateRequest, MAX_SEED } from '#core/pipeline/request.ts';
import type { BlindSetup } from '#state/blind.ts';
import { requestProblem } from '#state/controls.ts';
import { freezeDraft } from '#state/fit-draft.ts';
import { axisInfo, axisValues, type AxisValue, type GridPlace } from '#state/grid-axes.ts';

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
      const draft = { ...place.draft, prompt, seed, count: 1, styles: [] };
      const state = apply({ draft, manifest: place.manifest });
      if ('problem' in state) return { ok: false, reason: state.problem };
      const frozen = freezeDraft(state.draft, state.manifest);
      const request = state.revision === undefined ? frozen : { ...frozen, revision: state.revision };
      const failure = requestProblem(request, state.manifest);
      if (failure !== null) return { ok: false, failure };
      requests.push(request);
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
