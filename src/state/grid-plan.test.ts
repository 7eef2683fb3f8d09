import { describe, expect, it } from 'vitest';
import { FAKE_DISTILLED, FAKE_MODEL } from '#engine/fake.ts';
import { EMPTY_DRAFT } from '#state/draft.ts';
import { fitDraft } from '#state/fit-draft.ts';
import { type AxisDraft, type AxisKind, EMPTY_AXIS } from '#state/grid.ts';
import { AXIS_KINDS, axisInfo, type GridPlace } from '#state/grid-axes.ts';
import { planGrid } from '#state/grid-plan.ts';
import type { AdapterCard } from '#storage/adapters.ts';

const INK = {
  sha256: 'ab'.repeat(32),
  loraHash: '0123456789ab',
  name: 'ink',
  summary: { family: null, familyLabel: null, rank: 4 },
} as unknown as AdapterCard;

const place: GridPlace = {
  draft: fitDraft({ ...EMPTY_DRAFT, prompt: 'a red fox', seed: 5, steps: 3 }, FAKE_MODEL),
  manifest: FAKE_MODEL,
  models: [FAKE_MODEL, FAKE_DISTILLED],
  cards: [INK],
  kits: [],
  starters: [],
  versions: [],
};

const typed = (kind: AxisKind, text: string): AxisDraft => ({ kind, text, chosen: [] });
const picked = (kind: AxisKind, ...chosen: string[]): AxisDraft => ({ kind, text: '', chosen });

function plan(x: AxisDraft, y: AxisDraft = EMPTY_AXIS, of: GridPlace = place) {
  const result = planGrid({ x, y, z: EMPTY_AXIS }, of);
  if (!result.ok) throw new Error('reason' in result ? result.reason : result.failure.code);
  return result.plan;
}

describe('planGrid', () => {
  it('changes what its axes name and nothing else', () => {
    const { cells, labels } = plan(typed('steps', '1-2'), typed('seed', '7, 9'));
    expect(cells.map(({ x, y, request }) => [x, y, request.steps, request.seed])).toEqual([
      [0, 0, 1, 7],
      [1, 0, 2, 7],
      [0, 1, 1, 9],
      [1, 1, 2, 9],
    ]);
    expect(labels).toEqual({ x: ['Steps 1', 'Steps 2'], y: ['Seed 7', 'Seed 9'], z: [] });
    expect(new Set(cells.map(({ request }) => JSON.stringify({ ...request, steps: 0, seed: 0 }))).size).toBe(
      1,
    );
  });

  it('replaces words of the prompt, and says when they do not stand in it', () => {
    expect(plan(typed('prompt', 'red, blue')).cells.map(({ request }) => request.prompt)).toEqual([
      'a red fox',
      'a blue fox',
    ]);
    expect(() => plan(typed('prompt', 'green, blue'))).toThrow('does not stand in the prompt');
  });

  it('turns one adapter on in place of those that were, at each weight', () => {
    const tagged = { ...place, draft: { ...place.draft, prompt: 'a fox <lora:other:2>' } };
    const { cells } = plan(picked('lora', INK.sha256), typed('lora-weight', '0.5-1 [2]'), tagged);
    expect(cells.map(({ request }) => request.adapters?.[0]?.denoiserWeight)).toEqual([0.5, 1]);
    expect(cells[0]?.request.prompt).toBe('a fox');
  });

  it('changes the model before what is judged by it', () => {
    const { cells } = plan(picked('model', FAKE_MODEL.id, FAKE_DISTILLED.id), typed('seed', '1'));
    expect(cells.map(({ request }) => request.modelId)).toEqual([FAKE_MODEL.id, FAKE_DISTILLED.id]);
  });

  it('refuses twice the same axis, too many pictures, and what the model cannot draw', () => {
    expect(() => plan(typed('seed', '1'), typed('seed', '2'))).toThrow('Another axis has it already.');
    expect(() => plan(typed('seed', '1-60'), typed('guidance', '1-7 [60]'))).toThrow('too many');
    expect(() => plan(EMPTY_AXIS)).toThrow('Choose what an axis stands for.');
    expect(() => plan(typed('size', '7x7'))).toThrow(/^size-/);
  });

  it('shows every axis without an effect with its reason', () => {
    const bare = { ...place, manifest: FAKE_DISTILLED, models: [FAKE_DISTILLED], cards: [] };
    const reasons = Object.fromEntries(AXIS_KINDS.map((kind) => [kind, axisInfo(kind, bare).reason]));
    for (const kind of ['guidance', 'rescale', 'strength', 'lora', 'lora-weight', 'kit', 'model', 'version'])
      expect(reasons[kind], kind).toMatch(/\.$/);
    expect(reasons['seed']).toBeNull();
  });
});
