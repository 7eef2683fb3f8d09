import { beforeEach, describe, expect, it, test, vi } from 'vitest';
import { FAKE_MODEL } from '#engine/fake.ts';
import { createFakeLibrary, fakeInstalled } from '#engine/library-fake.ts';
import type { InstallPlan, InstallProgress } from '#engine/library-api.ts';
import { activateVersion, removeModel, rollBack, verifyModel } from '#state/actions/care-for-model.ts';
import { compareVersions, endComparison } from '#state/actions/compare-versions.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { generate } from '#state/actions/generate.ts';
import { installPlanned, takeModel } from '#state/actions/install-model.ts';
import { openLibrary } from '#state/actions/open-library.ts';
import { readLibrary } from '#state/actions/read-library.ts';
import { useDraft } from '#state/draft.ts';
import { differences, useComparison } from '#state/comparison.ts';
import { groupVersions, keyOf, useLibrary } from '#state/library.ts';
import { useModels } from '#state/models.ts';
import { usePage } from '#state/page.ts';
import { usePassport } from '#state/passport.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';
import { useToast } from '#state/toast.ts';

const PAINTER = { ...FAKE_MODEL, id: 'painter', name: 'Painter' };
const NEW = fakeInstalled(PAINTER, { revision: 'b'.repeat(40), installedAt: 2000 });
const OLD = fakeInstalled(PAINTER, { revision: 'a'.repeat(40), installedAt: 1000, active: false });

const PLAN: InstallPlan = {
  id: 'painter',
  revision: 'c'.repeat(40),
  kind: 'model',
  name: 'Painter',
  source: NEW.source,
  manifest: null,
  files: [],
};

const PROGRESS: InstallProgress = {
  id: 'flow',
  revision: 'f'.repeat(40),
  name: 'Flow',
  state: 'downloading',
  doneBytes: 1,
  totalBytes: 10,
  bytesPerSecond: null,
  secondsLeft: null,
  file: null,
  elsewhere: false,
  refetching: null,
};

function activeNow(): string | undefined {
  return useLibrary.getState().installed.find(({ active }) => active)?.revision;
}

async function openWith(installed = [NEW, OLD]) {
  return openTestStudio({ library: createFakeLibrary({ installed }) });
}

beforeEach(endComparison);

test('versions of one model are one card, the active one in front, then the newest', () => {
  const groups = groupVersions([OLD, NEW]);
  expect(groups).toHaveLength(1);
  expect(groups[0]?.active.revision).toBe(NEW.revision);
  expect(groups[0]?.versions.map(({ revision }) => revision)).toEqual([NEW.revision, OLD.revision]);
});

test('a model that the list does not have yet is asked for, and taken', async () => {
  await openTestStudio({ models: [FAKE_MODEL, PAINTER] });
  useModels.setState({ models: [FAKE_MODEL] });
  usePage.setState({ page: 'library' });
  await takeModel('painter');
  expect(useDraft.getState().modelId).toBe('painter');
  expect(usePage.getState().page).toBe('stage');
});

describe('versions', () => {
  it('switches, and one call goes back', async () => {
    await openWith();
    await activateVersion(OLD);
    expect(activeNow()).toBe(OLD.revision);
    await rollBack(OLD);
    expect(activeNow()).toBe(NEW.revision);
    expect(useToast.getState().toast?.text).toBe('Painter is back at bbbbbbb.');
  });

  it('says in its row when there is nothing to go back to', async () => {
    await openWith([NEW]);
    await rollBack(NEW);
    expect(useLibrary.getState().failures[keyOf(NEW)]).toEqual({ code: 'no-earlier-version', id: 'painter' });
  });

  it('verifies with its bytes counted, and the row says what was found', async () => {
    const { library } = await openWith();
    const seen: number[] = [];
    const stop = useLibrary.subscribe(({ tasks }) => {
      const task = tasks[keyOf(NEW)];
      if (task) seen.push(task.doneBytes);
    });
    await verifyModel(NEW);
    stop();
    expect(library.installed).toHaveLength(2);
    expect(seen).toContain(NEW.sizeBytes);
    expect(useLibrary.getState().tasks).toEqual({});
    expect(useLibrary.getState().answers[keyOf(NEW)]).toMatch(/Every byte/);
  });

  it('removes one version and leaves the other', async () => {
    await openWith();
    await removeModel(OLD);
    expect(useLibrary.getState().installed.map(({ revision }) => revision)).toEqual([NEW.revision]);
  });
});

describe('downloads', () => {
  it('are one row each, and leave when they are over', async () => {
    const { library } = await openWith([]);
    library.send({ kind: 'progress', progress: PROGRESS });
    library.send({ kind: 'progress', progress: { ...PROGRESS, doneBytes: 5 } });
    expect(useLibrary.getState().installing).toEqual([{ ...PROGRESS, doneBytes: 5 }]);
    library.send({ kind: 'progress', progress: { ...PROGRESS, state: 'done' } });
    expect(useLibrary.getState().installing).toEqual([]);
  });

  it('an answer that was on its way does not bring back what is over since, nor what was heard before', async () => {
    const { library } = await openWith([]);
    const other = { ...PROGRESS, revision: 'other' };
    vi.spyOn(library, 'list').mockImplementationOnce(async () => {
      library.send({ kind: 'progress', progress: { ...PROGRESS, state: 'cancelled' } });
      return { ok: true, value: { installed: [], starters: [], installing: [PROGRESS, other] } };
    });
    library.send({ kind: 'progress', progress: PROGRESS });
    await readLibrary();
    expect(useLibrary.getState().installing).toEqual([other]);
  });

  it.each([true, false])(
    'one that fails before it has a row is told above the rows (open: %s)',
    async (isOpen) => {
      const failure = { code: 'storage-denied' } as const;
      await openTestStudio({
        library: createFakeLibrary({ install: () => ({ outcome: 'failed', failure }) }),
      });
      usePage.setState({ page: isOpen ? 'library' : 'stage' });
      useLibrary.setState({ failures: {} });
      useToast.setState({ toast: null });
      await installPlanned(PLAN);
      expect(useLibrary.getState().failures).toEqual({ '': failure });
      expect(useToast.getState().toast?.tone).toBe(isOpen ? undefined : 'trouble');
    },
  );

  it('the browser’s answer about keeping them is said', async () => {
    const { library } = await openWith([]);
    library.send({ kind: 'persistence', persisted: false });
    expect(useToast.getState().toast?.text).toMatch(/may clear models/);
  });
});

describe('the passport', () => {
  it('measures when the library is opened first, and keeps it for the next visit', async () => {
    const { settings } = await openWith([]);
    expect(usePassport.getState().calibrations.cpu).toBeUndefined();
    openLibrary();
    await expect.poll(() => usePassport.getState().calibrations.cpu).toBeDefined();
    expect(settings.read('passport-calibrations')).toMatchObject({ calibrations: [{ device: 'cpu' }] });
  });

  it('sets each run beside what was predicted of it', async () => {
    await openWith([]);
    openLibrary();
    await expect.poll(() => usePassport.getState().isMeasuring).toBe(false);
    editDraft({ prompt: 'a red apple' });
    await generate();
    await expect.poll(() => usePassport.getState().records).toHaveLength(1);
    const [record] = usePassport.getState().records;
    expect(record?.predictedSeconds).toBeGreaterThan(0);
    expect(record?.actualPeakBytes).toBeNull();
  });
});

describe('comparing two versions', () => {
  it('draws both from one seed, each by its revision, and keeps neither', async () => {
    const { engine, gallery } = await openWith();
    expect(await compareVersions(NEW, OLD, 'a red apple')).toBeNull();
    const [a, b] = engine.jobs.map(({ request }) => request);
    expect(a?.revision).toBe(NEW.revision);
    expect(b?.revision).toBe(OLD.revision);
    expect(differences(a!, b!)).toEqual([]);
    expect(useComparison.getState().sides?.map(({ state }) => state.kind)).toEqual(['done', 'done']);
    expect(await gallery.list({ before: Number.POSITIVE_INFINITY, limit: 5 })).toEqual([]);
  });

  it('tells in what the two were asked differently', async () => {
    const few = fakeInstalled(
      { ...PAINTER, steps: { default: 2, min: 1, max: 2 } },
      { revision: 'c'.repeat(40), active: false },
    );
    await openWith([NEW, few]);
    editDraft({ steps: 8 });
    await compareVersions(NEW, few, 'a red apple');
    const sides = useComparison.getState().sides;
    expect(differences(sides![0].request, sides![1].request)).toEqual(['steps']);
  });
});
