import { beforeEach, expect, test } from 'vitest';
import type { Kit } from '#core/kits/kit.ts';
import { cancelCarrying, importKits } from '#state/actions/carry-kits.ts';
import { chooseKit } from '#state/actions/choose-kit.ts';
import {
  changeKit,
  createKit,
  duplicateKit,
  moveKit,
  removeKit,
  undoRemoveKit,
} from '#state/actions/edit-kits.ts';
import { cancelMatrix, drawMatrix, leaveMatrix } from '#state/actions/draw-matrix.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { listOf } from '#state/actions/export-matrix.ts';
import { generate } from '#state/actions/generate.ts';
import { reuseSettings } from '#state/actions/reuse-settings.ts';
import { useDraft } from '#state/draft.ts';
import { useGallery } from '#state/gallery.ts';
import { settledCells, useMatrix } from '#state/kit-matrix.ts';
import { useKits } from '#state/kits.ts';
import { useRun } from '#state/run.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';
import { useToast } from '#state/toast.ts';
import type { AdapterCard } from '#storage/adapters.ts';
import { writeKitFile } from '#storage/kit-file.ts';
import type { KitStore } from '#storage/kits.ts';

const ACME: Kit = {
  id: 'kit-acme',
  name: 'Acme',
  colour: '#0369a1',
  adapters: [],
  frame: 'acme poster of {prompt}',
  negativePrompt: '',
  defaults: { steps: 3 },
};
const BARE: Kit = { ...ACME, id: 'kit-bare', name: 'Bare', frame: '', defaults: {} };
const LACKING: Kit = {
  ...BARE,
  id: 'kit-lacking',
  name: 'Lacking',
  adapters: [
    { sha256: 'f'.repeat(64), loraHash: 'f'.repeat(12), name: 'gone', textWeight: 1, denoiserWeight: 1 },
  ],
};

/** Keeps what it is given as long as the test. */
function storeOf(...kits: Kit[]): KitStore {
  const kept = new Map(kits.map((kit, position) => [kit.id, { kit, position }]));
  return {
    list: async () => [...kept.values()].sort((a, b) => a.position - b.position).map(({ kit }) => kit),
    keep: async (entries) => {
      for (const entry of entries) kept.set(entry.kit.id, entry);
      return { ok: true };
    },
    remove: async (id) => void kept.delete(id),
  };
}

function names(): string[] {
  return useKits.getState().own.map(({ name }) => name);
}

let studio: Awaited<ReturnType<typeof openTestStudio>>;

beforeEach(async () => {
  studio = await openTestStudio({ kits: storeOf(ACME, BARE, LACKING) });
  editDraft({ prompt: 'a cat', seed: 7, isSeedLocked: true });
});

test('the field keeps the person’s words, the request wears the kit, and recall frames nothing twice', async () => {
  chooseKit(ACME.id);
  await generate();
  expect(studio.engine.jobs[0]?.request).toMatchObject({
    prompt: 'acme poster of a cat',
    kit: { name: 'Acme', words: 'a cat' },
  });
  expect(useDraft.getState().prompt).toBe('a cat');
  const { pictures } = useGallery.getState();
  chooseKit('');
  reuseSettings(pictures[0]!.id);
  expect(useDraft.getState()).toMatchObject({ prompt: 'a cat', kitId: ACME.id, seed: 7 });
  await generate();
  expect(studio.engine.jobs[1]?.request.prompt).toBe('acme poster of a cat');

  changeKit(ACME.id, { frame: 'another {prompt}' });
  reuseSettings(pictures[0]!.id);
  expect(useDraft.getState()).toMatchObject({ prompt: 'acme poster of a cat', kitId: '' });
});

test('a kit’s settings come with it and go with it, unless the person changed them since', () => {
  const { steps } = useDraft.getState();
  chooseKit(ACME.id);
  expect(useDraft.getState().steps).toBe(3);
  chooseKit(BARE.id);
  expect(useDraft.getState().steps).toBe(steps);
  chooseKit(ACME.id);
  editDraft({ steps: 2 });
  chooseKit('');
  expect(useDraft.getState().steps).toBe(2);
});

test('a kit that lacks an adapter says so and draws nothing', async () => {
  chooseKit(LACKING.id);
  await generate();
  expect(studio.engine.jobs).toHaveLength(0);
  expect(useRun.getState().formFailure).toMatchObject({ code: 'kit-incomplete', adapters: ['gone'] });
});

test('kits are made, copied, moved, removed and brought back in place', async () => {
  editDraft({ negativePrompt: 'blur', steps: 2 });
  const made = createKit();
  expect(made).toMatchObject({ name: 'New kit', negativePrompt: 'blur', defaults: { steps: 2 } });
  expect(useDraft.getState()).toMatchObject({ kitId: made.id, negativePrompt: '' });
  expect(duplicateKit(ACME.id)?.name).toBe('Acme 2');
  moveKit(BARE.id, -1);
  const all = ['Acme', 'Bare', 'Acme 2', 'Lacking', 'New kit'];
  expect(names()).toEqual(all);
  await removeKit(BARE.id);
  expect(names()).not.toContain('Bare');
  undoRemoveKit();
  expect(names()).toEqual(all);
});

test('a matrix draws every kit at every seed, and tells of one that cannot be worn', async () => {
  await drawMatrix('a dog', ['', ACME.id, LACKING.id], 2);
  const { matrix } = useMatrix.getState();
  expect(matrix?.cells.map(({ kitName, seed, state }) => [kitName, seed, state.kind])).toEqual([
    ['No kit', 7, 'done'],
    ['No kit', 8, 'done'],
    ['Acme', 7, 'done'],
    ['Acme', 8, 'done'],
    ['Lacking', 7, 'failed'],
    ['Lacking', 8, 'failed'],
  ]);
  expect(studio.engine.jobs.map(({ request }) => request.prompt)).toEqual([
    'a dog',
    'a dog',
    'acme poster of a dog',
    'acme poster of a dog',
  ]);
  expect(settledCells(matrix!)).toBe(6);
  expect(useGallery.getState().pictures).toHaveLength(0);
});

test('a cancelled matrix keeps what is there and ends the rest', async () => {
  const drawing = drawMatrix('a dog', ['', ACME.id, BARE.id], 1);
  cancelMatrix();
  await drawing;
  const { matrix } = useMatrix.getState();
  expect(matrix).toMatchObject({ isRunning: false });
  expect(matrix?.cells.every(({ state }) => state.kind === 'cancelled')).toBe(true);
});

test('a matrix that is left stops and says so, and what was drawn waits', async () => {
  let drawn = 0;
  const { generate: draw } = studio.engine;
  studio.engine.generate = async (...given) => {
    const outcome = await draw(...given);
    if (++drawn === 2) leaveMatrix();
    return outcome;
  };
  await drawMatrix('a dog', ['', ACME.id, BARE.id], 1);
  const { matrix } = useMatrix.getState();
  expect(matrix?.cells.map(({ state }) => state.kind)).toEqual(['done', 'done', 'cancelled']);
  expect(useToast.getState().toast?.text).toBe('The matrix stopped at 2 of 3. What is drawn stays.');
  leaveMatrix();
  expect(useMatrix.getState().matrix).toBe(matrix);
});

test('a matrix lists its pictures by file, kit and seed, with what each was asked', async () => {
  await drawMatrix('a dog', ['', ACME.id, LACKING.id], 2);
  const list: { pictures: Record<string, unknown>[] } = JSON.parse(listOf(useMatrix.getState().matrix!));
  expect(list).toMatchObject({ format: 1, prompt: 'a dog', seeds: [7, 8] });
  expect(list.pictures.map(({ file }) => file)).toEqual([
    '001 No kit, seed 7.png',
    '002 No kit, seed 8.png',
    '003 Acme, seed 7.png',
    '004 Acme, seed 8.png',
    null,
    null,
  ]);
  expect(list.pictures[3]).toMatchObject({
    kit: 'Acme',
    seed: 8,
    request: { prompt: 'acme poster of a dog', seed: 8, kit: { name: 'Acme' } },
  });
});

test('an import that is cancelled keeps nothing, and the next one comes', async () => {
  const sha256 = 'd'.repeat(64);
  const worn = { sha256, loraHash: 'd'.repeat(12), name: 'ink', textWeight: 1, denoiserWeight: 1 };
  const file = await writeKitFile(
    [{ ...BARE, id: 'kit-new', name: 'New', adapters: [worn] }],
    async () => new Blob(['the weights of an adapter']),
  );
  const summary = { kind: 'lora', family: null, familyLabel: null, rank: 4, layers: {}, targets: [] };
  const card = { ...worn, sizeBytes: 25, addedAt: 1, summary: { ...summary, triggerWords: [], notes: [] } };
  studio.engine.checkAdapter = async () => {
    cancelCarrying();
    return { ok: true, card: card as AdapterCard };
  };
  const before = names();
  await importKits(file);
  expect(names()).toEqual(before);
  expect(useKits.getState()).toMatchObject({ carrying: null, failure: null });
  studio.engine.checkAdapter = async () => ({ ok: true, card: card as AdapterCard });
  await importKits(file);
  expect(names()).toEqual([...before, 'New']);
});
