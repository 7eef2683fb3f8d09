import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Failure } from '#core/failure.ts';
import type { Kit } from '#core/kits/kit.ts';
import type { InstalledModel } from '#engine/library-api.ts';
import { FAKE_MODEL } from '#engine/fake.ts';
import { compareVersions } from '#state/actions/compare-versions.ts';
import { drawMatrix } from '#state/actions/draw-matrix.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { generate } from '#state/actions/generate.ts';
import { addPaint, beginPainting, openPaint } from '#state/actions/live-paint.ts';
import { proveAdapters } from '#state/actions/prove-adapters.ts';
import { proveKit } from '#state/actions/prove-kit.ts';
import { redrawInKit } from '#state/actions/redraw-in-kit.ts';
import { planBlind } from '#state/blind-plan.ts';
import { EMPTY_DRAFT, useDraft } from '#state/draft.ts';
import { fitDraft } from '#state/fit-draft.ts';
import { useGallery } from '#state/gallery.ts';
import { NO_KIT, useMatrix } from '#state/kit-matrix.ts';
import type { GridPlace } from '#state/grid-axes.ts';
import { planGrid } from '#state/grid-plan.ts';
import { useKits } from '#state/kits.ts';
import { usePaint } from '#state/live-paint.ts';
import { useRun } from '#state/run.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';

const MODEL = { ...FAKE_MODEL, encoder: FAKE_MODEL.decoder };
const KIT: Kit = {
  id: 'kit-acme',
  name: 'Acme',
  colour: '#0369a1',
  adapters: [],
  frame: 'acme poster of {prompt}',
  negativePrompt: '',
  defaults: {},
};

function placeNow(): GridPlace {
  return {
    draft: useDraft.getState(),
    manifest: MODEL,
    models: [MODEL],
    cards: [],
    kits: [],
    starters: [],
    versions: [],
  };
}

function told(plan: { ok: boolean }): Failure | null {
  return 'failure' in plan ? (plan.failure as Failure) : null;
}

function version(revision: string): InstalledModel {
  return { id: MODEL.id, revision, manifest: MODEL } as InstalledModel;
}

function blindly(prompts: string): Failure | null {
  return told(planBlind({ kind: 'steps', a: '1', b: '2', prompts, seeds: '1' }, placeNow(), 1));
}

let endPainting = () => {};

/** Whoever makes a request of the form, by the file that does, and what it then refuses. */
const CALLERS: Record<string, () => Promise<Failure | null>> = {
  'actions/generate.ts': async () => {
    await generate();
    return useRun.getState().formFailure;
  },
  'actions/prove-adapters.ts': async () => {
    await proveAdapters();
    return useRun.getState().formFailure;
  },
  'actions/prove-kit.ts': async () => {
    useKits.setState({ own: [KIT] });
    editDraft({ kitId: KIT.id });
    await proveKit('kit');
    return useRun.getState().formFailure;
  },
  'actions/draw-matrix.ts': async () => {
    await drawMatrix(useDraft.getState().prompt, [NO_KIT], 2);
    return useMatrix.getState().failure;
  },
  'actions/compare-versions.ts': async () => {
    return compareVersions(version('a'), version('b'), useDraft.getState().prompt);
  },
  'actions/live-paint.ts': async () => {
    openPaint();
    endPainting = beginPainting(async () => new Blob(['paper']), 1);
    addPaint({ kind: 'clear' });
    return vi.waitFor(
      () => {
        const { phase } = usePaint.getState();
        if (phase.kind !== 'failed') throw new Error(phase.kind);
        return phase.failure;
      },
      { timeout: 10_000, interval: 2 },
    );
  },
  'grid-plan.ts': async () => {
    const none = { kind: 'none', text: '', chosen: [] } as const;
    const axes = { x: { kind: 'seed', text: '1, 2', chosen: [] }, y: none, z: none } as const;
    return told(planGrid(structuredClone(axes) as Parameters<typeof planGrid>[0], placeNow()));
  },
};

const BAD: { name: string; words: Partial<typeof EMPTY_DRAFT>; failure: Failure }[] = [
  { name: 'no words', words: { prompt: ' ' }, failure: { code: 'prompt-empty' } },
  {
    name: 'a list that is not here',
    words: { prompt: 'a {cat|__beast__}' },
    failure: { code: 'lists-unknown', names: ['beast'] },
  },
  {
    name: 'a style that is not here',
    words: { prompt: 'a cat', styles: ['Oil'] },
    failure: { code: 'styles-unknown', names: ['Oil'] },
  },
];

let studio: Awaited<ReturnType<typeof openTestStudio>>;

beforeEach(async () => {
  studio = await openTestStudio({ models: [MODEL] });
  usePaint.setState(usePaint.getInitialState(), true);
  useMatrix.setState(useMatrix.getInitialState(), true);
  editDraft(fitDraft({ ...EMPTY_DRAFT, seed: 7, isSeedLocked: true }, MODEL));
});
afterEach(() => endPainting());

describe.each(BAD)('$name', ({ words, failure }) => {
  it.each(Object.entries(CALLERS))('is refused by %s, and nothing is drawn', async (_file, ask) => {
    editDraft(words);
    expect(await ask()).toEqual(failure);
    expect(studio.engine.jobs).toEqual([]);
  });
});

it('is refused in a blind test, whose prompts are its own and wear the styles of the form', () => {
  expect(blindly('a cat\n{a cat|__beast__}')).toEqual({ code: 'lists-unknown', names: ['beast'] });
  expect(blindly('a cat')).toBeNull();
  editDraft({ styles: ['Oil'] });
  expect(blindly('a cat')).toEqual({ code: 'styles-unknown', names: ['Oil'] });
});

it('is refused for a picture without words that is to be drawn again', async () => {
  editDraft({ prompt: 'a cat' });
  await generate();
  const drawn = studio.engine.jobs.length;
  useGallery.setState(({ pictures }) => ({
    pictures: pictures.map((picture) => ({ ...picture, request: { ...picture.request, prompt: '' } })),
  }));
  const { id } = useGallery.getState().pictures[0]!;
  useGallery.setState({ view: { kind: 'picture', id } });
  await redrawInKit();
  expect(useRun.getState().formFailure).toEqual({ code: 'prompt-empty' });
  expect(studio.engine.jobs).toHaveLength(drawn);
});

it('knows every file that makes a request of a form', () => {
  const files = readdirSync('src/state', { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      /(?<!\.test)\.ts$/.test(file) &&
      /(?<!function )freezeDraft\(/.test(readFileSync(`src/state/${file}`, 'utf8')),
  );
  const known = [...Object.keys(CALLERS), 'actions/redraw-in-kit.ts', 'blind-plan.ts'];
  expect(files.toSorted()).toEqual(known.toSorted());
});
