import { beforeEach, expect, test } from 'vitest';
import type { Kit } from '#core/kits/kit.ts';
import { chooseKit } from '#state/actions/choose-kit.ts';
import {
  changeKit,
  createKit,
  duplicateKit,
  moveKit,
  removeKit,
  undoRemoveKit,
} from '#state/actions/edit-kits.ts';
import { cancelMatrix, drawMatrix } from '#state/actions/draw-matrix.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { generate } from '#state/actions/generate.ts';
import { reuseSettings } from '#state/actions/reuse-settings.ts';
import { useDraft } from '#state/draft.ts';
import { useGallery } from '#state/gallery.ts';
import { settledCells, useMatrix } from '#state/kit-matrix.ts';
import { useKits } from '#state/kits.ts';
import { useRun } from '#state/run.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';
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
