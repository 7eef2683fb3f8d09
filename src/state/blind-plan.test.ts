import { expect, test } from 'vitest';
import type { Kit } from '#core/kits/kit.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { FAKE_MODEL } from '#engine/fake.ts';
import { blindPresets, planBlind } from '#state/blind-plan.ts';
import { EMPTY_DRAFT } from '#state/draft.ts';
import { fitDraft } from '#state/fit-draft.ts';
import type { GridPlace } from '#state/grid-axes.ts';
import { useWords } from '#state/words.ts';
import type { AdapterCard } from '#storage/adapters.ts';

const INK = {
  sha256: 'ab'.repeat(32),
  loraHash: '0123456789ab',
  name: 'ink',
  summary: { family: null, familyLabel: null, rank: 4 },
} as unknown as AdapterCard;

const place: GridPlace = {
  draft: fitDraft({ ...EMPTY_DRAFT, prompt: 'a red fox', seed: 5 }, FAKE_MODEL),
  manifest: FAKE_MODEL,
  models: [FAKE_MODEL],
  cards: [],
  kits: [],
  starters: [],
  versions: [],
};

function stored(id: string, form: string): Manifest {
  const { part } = FAKE_MODEL.denoiser;
  const [variant] = FAKE_MODEL.parts[part]!.variants;
  return {
    ...FAKE_MODEL,
    id,
    parts: { ...FAKE_MODEL.parts, [part]: { variants: [{ ...variant!, id: form }] } },
  };
}

const preset = (of: GridPlace, id: string) => blindPresets(of).find((one) => one.id === id)!;
const plan = (of: GridPlace, id: string) =>
  planBlind({ ...preset(of, id).setup, prompts: 'a cat', seeds: '1' }, of, 1);

test('few steps against many', () => {
  const planned = plan(place, 'steps');
  const [pair] = planned.ok ? planned.pairs : [];
  expect(pair!.requests.a.steps).toBeLessThan(pair!.requests.b.steps);
});

test('both sides wear the styles of the form', () => {
  useWords.setState({
    status: 'ready',
    styles: [{ name: 'Ink', prompt: 'ink drawing of {prompt}', negativePrompt: '' }],
  });
  const worn = { ...place, draft: { ...place.draft, styles: ['Ink'] } };
  const planned = plan(worn, 'steps');
  const [pair] = planned.ok ? planned.pairs : [];
  for (const request of [pair!.requests.a, pair!.requests.b])
    expect(request.prompt).toBe('ink drawing of a cat');
  useWords.setState(useWords.getInitialState(), true);
});

test('8-bit against full weights of the same model, where both are here', () => {
  expect(preset(place, 'storage').reason).toContain('only');
  const [small, full, other] = [stored('x.q8', 'q8'), stored('x.fp16', 'fp16'), stored('y.fp16', 'fp16')];
  expect(preset({ ...place, manifest: small, models: [small, other] }, 'storage').reason).toContain(
    'q8 form',
  );
  const both = { ...place, manifest: full, models: [other, full, small] };
  expect(preset(both, 'storage').reason).toBeNull();
  const planned = plan(both, 'storage');
  expect(planned).toMatchObject({
    ok: true,
    pairs: [{ requests: { a: { modelId: 'x.q8' }, b: { modelId: 'x.fp16' } } }],
  });
});

test('an adapter against none, or a kit of adapters, or neither', () => {
  expect(preset(place, 'adapter').reason).toContain('No adapter');
  const planned = plan({ ...place, cards: [INK] }, 'adapter');
  const [pair] = planned.ok ? planned.pairs : [];
  expect(pair!.requests.a.adapters).toBeUndefined();
  expect(pair!.requests.b.adapters).toMatchObject([{ name: 'ink' }]);
  const kit = { id: 'k', name: 'Brand', adapters: [{ sha256: INK.sha256, name: 'ink' }] } as unknown as Kit;
  // Its file is not here, and does not ship.
  expect(preset({ ...place, kits: [kit] }, 'adapter').reason).toContain('No adapter');
});
