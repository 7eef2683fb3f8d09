import { beforeEach, expect, test } from 'vitest';
import type { Failure } from '#core/failure.ts';
import { FAKE_MODEL } from '#engine/fake.ts';
import { addAdapters } from '#state/actions/add-adapters.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { generate } from '#state/actions/generate.ts';
import { judgeAdapters, watchFits } from '#state/actions/judge-adapters.ts';
import { proveAdapters } from '#state/actions/prove-adapters.ts';
import { removeAdapter, undoRemoveAdapter } from '#state/actions/remove-adapter.ts';
import { reuseSettings } from '#state/actions/reuse-settings.ts';
import { dropMissingAdapter, setAdapterWeights, switchAdapter } from '#state/actions/set-adapter-weights.ts';
import { toggleWord } from '#state/actions/toggle-word.ts';
import {
  type Adapter,
  adapterList,
  adapterProblem,
  effectiveAdapters,
  useAdapters,
  wordList,
} from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';
import { useGallery } from '#state/gallery.ts';
import { useProof } from '#state/proof.ts';
import { useRun } from '#state/run.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';
import { useToast } from '#state/toast.ts';
import type { AdapterStore } from '#storage/adapters.ts';

function card(name: string, digit: string, familyLabel: string | null = null): Adapter {
  return {
    sha256: digit.repeat(64),
    loraHash: digit.repeat(12),
    name,
    sizeBytes: 1000,
    addedAt: 1,
    summary: {
      kind: 'lora',
      family: familyLabel === null ? null : 'other',
      familyLabel,
      rank: 8,
      layers: { denoiser: 4 },
      targets: ['attention'],
      triggerWords: [],
      notes: [],
    },
  };
}

const FLAT = card('flat', 'a');
const LINE = card('line', 'b');
const ALIEN = card('alien', 'c', 'another family');

/** Keeps what it is given as long as the test. */
function storeOf(...cards: Adapter[]): AdapterStore {
  const kept = new Map(cards.map((each) => [each.sha256, { card: each, file: new Blob(['weights']) }]));
  return {
    list: async () => [...kept.values()].map((entry) => entry.card),
    open: async (sha256) => kept.get(sha256)?.file ?? null,
    add: async (added, file) => {
      kept.set(added.sha256, { card: added, file });
      return { ok: true, card: added };
    },
    remove: async (sha256) => void kept.delete(sha256),
  };
}

let studio: Awaited<ReturnType<typeof openTestStudio>>;

beforeEach(async () => {
  studio = await openTestStudio({ adapters: storeOf(FLAT, LINE, ALIEN) });
  editDraft({ prompt: 'a cat', seed: 7, isSeedLocked: true });
});

function listNow() {
  return adapterList(useDraft.getState(), useAdapters.getState(), FAKE_MODEL);
}

function rowOf({ sha256 }: Adapter) {
  return listNow().rows.find((row) => row.card.sha256 === sha256)!;
}

test('a switch puts an adapter into the request, and off takes it out and remembers its weight', async () => {
  setAdapterWeights(FLAT.sha256, { textWeight: 0.5, denoiserWeight: 0.75 });
  await generate();
  expect(studio.engine.jobs[0]?.request.adapters).toEqual([
    expect.objectContaining({ sha256: FLAT.sha256, textWeight: 0.5, denoiserWeight: 0.75, inPrompt: false }),
  ]);
  switchAdapter(FLAT.sha256, false);
  await generate();
  expect(studio.engine.jobs[1]?.request).not.toHaveProperty('adapters');
  switchAdapter(FLAT.sha256, true);
  expect(rowOf(FLAT)).toMatchObject({ isOn: true, weights: { textWeight: 0.5, denoiserWeight: 0.75 } });
});

test('a tag that is typed is on in the list, and the slider writes the tag', () => {
  editDraft({ prompt: 'a cat <lora:flat:0.8>' });
  expect(rowOf(FLAT)).toMatchObject({ isOn: true, isInPrompt: true, weights: { denoiserWeight: 0.8 } });
  setAdapterWeights(FLAT.sha256, { textWeight: 0.8, denoiserWeight: -0.25 });
  expect(useDraft.getState()).toMatchObject({ prompt: 'a cat <lora:flat:0.8:-0.25>', adapters: [] });
  switchAdapter(FLAT.sha256, false);
  expect(useDraft.getState().prompt.trim()).toBe('a cat');
  expect(rowOf(FLAT).isOn).toBe(false);
});

test('ranks of what is on add up, and weight 0 adds nothing', () => {
  switchAdapter(FLAT.sha256, true);
  editDraft({ prompt: 'a cat <lora:line:1>' });
  expect(listNow()).toMatchObject({ rank: 16, bucket: 16 });
  setAdapterWeights(FLAT.sha256, { textWeight: 0, denoiserWeight: 0 });
  expect(listNow()).toMatchObject({ rank: 8, bucket: 8 });
});

test('an adapter of another family has a reason, and a request never asks for it', async () => {
  setAdapterWeights(ALIEN.sha256, { textWeight: 1, denoiserWeight: 1 });
  expect(rowOf(ALIEN).problem).toMatchObject({ code: 'adapter-mismatch', adapterFamily: 'another family' });
  await generate();
  expect(studio.engine.jobs[0]?.request).not.toHaveProperty('adapters');
  const { adapters } = useDraft.getState();
  expect(adapters).toHaveLength(1);
  // Where all fit it is the same list: two requests with it are told to be alike.
  expect(effectiveAdapters(adapters, [FLAT], FAKE_MODEL)).toBe(adapters);
});

test('settings of a picture with a tag come back without applying it twice', async () => {
  setAdapterWeights(LINE.sha256, { textWeight: 1, denoiserWeight: 1 });
  editDraft({ prompt: 'a cat <lora:flat:0.8>' });
  await generate();
  const [picture] = useGallery.getState().pictures;
  // As the engine writes it: the tag's file is noted.
  const noted = [
    ...(picture!.request.adapters ?? []),
    { ...useDraft.getState().adapters[0]!, ...FLAT, inPrompt: true },
  ].map(({ sha256, loraHash, name, textWeight, denoiserWeight, inPrompt }) => ({
    sha256,
    loraHash,
    name,
    textWeight,
    denoiserWeight,
    inPrompt,
  }));
  useGallery.setState({
    pictures: [{ ...picture!, request: { ...picture!.request, adapters: noted } }],
  });
  switchAdapter(LINE.sha256, false);
  reuseSettings(picture!.id);
  expect(listNow().rows.filter(({ isOn }) => isOn)).toHaveLength(2);
  expect(rowOf(FLAT)).toMatchObject({ isInPrompt: true, weights: { denoiserWeight: 0.8 } });
  switchAdapter(FLAT.sha256, false);
  expect(rowOf(FLAT).isOn).toBe(false);
  expect(useDraft.getState().prompt.trim()).toBe('a cat');
});

test('settings of a picture without adapters turn those of the form off', async () => {
  await generate();
  switchAdapter(FLAT.sha256, true);
  reuseSettings(useGallery.getState().pictures[0]!.id);
  expect(useDraft.getState().adapters).toEqual([]);
});

test('what is not here is named, and can be taken off', async () => {
  await generate();
  const [picture] = useGallery.getState().pictures;
  const gone = { ...card('gone', 'd'), textWeight: 1, denoiserWeight: 1, inPrompt: false };
  useGallery.setState({
    pictures: [
      { ...picture!, request: { ...picture!.request, prompt: 'a cat <lora:lost:1>', adapters: [gone] } },
    ],
  });
  reuseSettings(picture!.id);
  expect(useToast.getState().toast?.text).toContain('These adapters are not here: “gone”, “lost”.');
  expect(listNow().missing).toEqual(['gone', 'lost']);
  dropMissingAdapter('gone');
  dropMissingAdapter('lost');
  expect(listNow().missing).toEqual([]);
  expect(useDraft.getState().prompt.trim()).toBe('a cat');
});

test('a removed adapter comes back with what it was on with', async () => {
  editDraft({ prompt: 'a cat <lora:flat:0.8>' });
  await removeAdapter(FLAT);
  expect(useAdapters.getState().cards).not.toContainEqual(FLAT);
  expect(useDraft.getState().prompt.trim()).toBe('a cat');
  await undoRemoveAdapter();
  expect(rowOf(FLAT)).toMatchObject({ isOn: true, weights: { denoiserWeight: 0.8 } });
});

test('a file that is refused leaves its reason, and the form as it was', async () => {
  const before = useDraft.getState();
  await addAdapters([new File(['x'], 'x.safetensors')]);
  expect(useAdapters.getState()).toMatchObject({ adding: [], failures: [{ code: 'adapter-missing' }] });
  expect(useDraft.getState()).toBe(before);
});

test('the proof asks for the same seed twice, once without list and tags', async () => {
  setAdapterWeights(LINE.sha256, { textWeight: 1, denoiserWeight: 1 });
  editDraft({ prompt: 'a cat <lora:flat:0.8>', count: 4 });
  await proveAdapters();
  const [bare, adapted] = studio.engine.jobs.map(({ request }) => request);
  expect(bare).toMatchObject({ prompt: 'a cat', seed: 7, count: 1 });
  expect(bare).not.toHaveProperty('adapters');
  expect(adapted).toMatchObject({ prompt: 'a cat <lora:flat:0.8>', seed: 7, count: 1 });
  expect(adapted?.adapters).toHaveLength(1);
  expect(useProof.getState().proof?.names.made).toBe('<lora:line:1> <lora:flat:0.8>');
  expect(useGallery.getState().pictures).toEqual([]);
});

test('a trigger word goes in, and out again', () => {
  toggleWord('flat style');
  expect(useDraft.getState().prompt).toBe('a cat, flat style');
  toggleWord('flat style');
  expect(useDraft.getState().prompt).toBe('a cat');
});

function saidNow() {
  return wordList(useDraft.getState(), useAdapters.getState().words, FAKE_MODEL);
}

test('a textual inversion is no layer to put on: its word is said, and shown as said', async () => {
  const word: Adapter = {
    ...card('ink', 'd'),
    summary: {
      ...card('ink', 'd').summary,
      kind: 'textual-inversion',
      triggerWords: ['<ink-wash>'],
      rank: 0,
    },
  };
  studio = await openTestStudio({ adapters: storeOf(FLAT, word) });
  editDraft({ prompt: 'a cat', negativePrompt: '', adapters: [] });
  expect(listNow().rows.map((row) => row.card.name)).toEqual(['flat']);
  expect(saidNow()).toMatchObject([{ word: '<ink-wash>', isSaid: false }]);
  toggleWord('<ink-wash>');
  expect(useDraft.getState().prompt).toBe('a cat, <ink-wash>');
  expect(saidNow()[0]?.isSaid).toBe(true);
  editDraft({ prompt: 'a cat', negativePrompt: 'bad <INK-WASH>' });
  expect(saidNow()[0]?.isSaid).toBe(true);
});

/** For SDXL, as a file tells by its notes or the widths of its layers. The model of these tests is one of its own. */
const WIDE: Adapter = { ...FLAT, summary: { ...FLAT.summary, family: 'sdxl', familyLabel: 'SDXL' } };

test('a file for another family says so as it is added, stays off, and is never sent', async () => {
  const store = storeOf();
  studio = await openTestStudio({ adapters: store });
  studio.engine.addAdapter = async () => {
    await store.add(WIDE, new Blob(['weights']));
    return { ok: true, card: WIDE };
  };
  await addAdapters([new File(['x'], 'flat.safetensors')]);
  expect(useToast.getState().toast?.text).toBe(
    `flat is kept, and off: it is for SDXL; the loaded model is ${FAKE_MODEL.name}.`,
  );
  expect(rowOf(WIDE)).toMatchObject({ isOn: false, problem: { code: 'adapter-mismatch' } });
  editDraft({ prompt: 'a cat <lora:flat:0.8>' });
  await generate();
  expect(useRun.getState().formFailure).toMatchObject({ code: 'adapter-mismatch', adapterFamily: 'SDXL' });
  expect(studio.engine.jobs).toEqual([]);
  editDraft({ prompt: 'a cat <lora:flat:0>' });
  await generate();
  expect(studio.engine.jobs).toHaveLength(1);
});

test('a word that the model cannot read says so where it is listed, and only where it is said', async () => {
  const summary = { ...WIDE.summary, kind: 'textual-inversion' as const, triggerWords: ['ink'], rank: 0 };
  studio = await openTestStudio({ adapters: storeOf({ ...WIDE, name: 'ink', summary }) });
  editDraft({ prompt: 'a cat', negativePrompt: '', adapters: [] });
  expect(saidNow()).toMatchObject([{ problem: { code: 'adapter-mismatch', adapterFamily: 'SDXL' } }]);
  await generate();
  expect(studio.engine.jobs).toHaveLength(1);
  editDraft({ prompt: 'an ink cat' });
  await generate();
  expect(useRun.getState().formFailure).toMatchObject({ code: 'adapter-mismatch', adapter: 'ink' });
  expect(studio.engine.jobs).toHaveLength(1);
});

test('a family of a model of its own is called as that model is, where it is here', () => {
  const made = card('own', 'e', FAKE_MODEL.family);
  const other = { ...FAKE_MODEL, id: 'other', name: 'Other', family: 'stable-diffusion-1' };
  expect(adapterProblem(made, other)).toMatchObject({
    adapterFamily: FAKE_MODEL.name,
    modelFamily: 'SD 1.5',
  });
});

test('one that does not fit by its shapes is told before it is chosen, and asked about once', async () => {
  const misfit: Failure = {
    code: 'adapter-mismatch',
    adapter: 'flat',
    adapterFamily: null,
    model: FAKE_MODEL.name,
    modelFamily: FAKE_MODEL.name,
    detail: 'the model has none of its 4 layers',
  };
  const asked: (readonly string[])[] = [];
  studio.engine.fitAdapters = async (_, sha256s) => {
    asked.push(sha256s);
    return { ok: true, misfits: { [FLAT.sha256]: misfit } };
  };
  editDraft({ prompt: 'a cat <lora:flat:1>', adapters: [] });
  await judgeAdapters();
  expect(rowOf(FLAT).problem).toEqual(misfit);
  expect(rowOf(LINE).problem).toBeNull();
  await generate();
  expect(studio.engine.jobs).toEqual([]);
  expect(useRun.getState().formFailure).toEqual(misfit);
  await judgeAdapters();
  // What its file says is for another family needs no look at shapes.
  expect(asked).toEqual([[FLAT.sha256, LINE.sha256]]);
});

test('what is added while others are being judged is judged before it is switched on', async () => {
  const store = storeOf(LINE);
  studio = await openTestStudio({ adapters: store });
  editDraft({ prompt: 'a cat', adapters: [] });
  const misfit: Failure = {
    code: 'adapter-mismatch',
    adapter: 'flat',
    adapterFamily: null,
    model: FAKE_MODEL.name,
    modelFamily: FAKE_MODEL.name,
    detail: 'the model has none of its 4 layers',
  };
  studio.engine.fitAdapters = async (_, sha256s) => ({
    ok: true,
    misfits: sha256s.includes(FLAT.sha256) ? { [FLAT.sha256]: misfit } : {},
  });
  studio.engine.addAdapter = async () => {
    await store.add(FLAT, new Blob(['weights']));
    return { ok: true, card: FLAT };
  };
  const end = watchFits();
  await addAdapters([new File(['x'], 'flat.safetensors')]);
  end();
  expect(rowOf(FLAT)).toMatchObject({ isOn: false, problem: misfit });
  expect(useToast.getState().toast?.text).toBe(`flat is kept, and off: it does not fit ${FAKE_MODEL.name}.`);
});

test('a model that cannot be read leaves the word to the run', async () => {
  studio.engine.fitAdapters = async () => ({ ok: false, failure: { code: 'engine-died', detail: '' } });
  editDraft({ prompt: 'a cat <lora:flat:1>', adapters: [] });
  await judgeAdapters();
  expect(rowOf(FLAT).problem).toBeNull();
  await generate();
  expect(studio.engine.jobs).toHaveLength(1);
});
