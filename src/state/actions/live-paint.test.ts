import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { stepsSkipped } from '#core/sampling/strength.ts';
import type { FakeOptions } from '#engine/fake.ts';
import { FAKE_MODEL } from '#engine/fake.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { generate } from '#state/actions/generate.ts';
import {
  addPaint,
  beginPainting,
  changePaint,
  keepPainted,
  openPaint,
  redoSketch,
  undoSketch,
} from '#state/actions/live-paint.ts';
import { useDraft } from '#state/draft.ts';
import { useGallery } from '#state/gallery.ts';
import { onPaper, perMinute, usePaint } from '#state/live-paint.ts';
import { isRunning, useRun } from '#state/run.ts';
import { provideServices, services } from '#state/services.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';

const READING = { ...FAKE_MODEL, encoder: FAKE_MODEL.decoder };
const dot = (x: number) =>
  ({ kind: 'stroke', colour: '#000000', sizePx: 4, hasPressure: false, points: [[x, 1, 0.5]] }) as const;

let end = () => {};

/** What is on the paper stands for the file: equal papers are equal files. */
async function paint(options: FakeOptions = {}) {
  const studio = await openTestStudio({ models: [READING], ...options });
  usePaint.setState(usePaint.getInitialState(), true);
  editDraft({ prompt: 'a cat' });
  openPaint();
  end = beginPainting(async () => {
    const ops = onPaper(usePaint.getState().ops);
    return ops.length === 0 ? null : new Blob([JSON.stringify(ops)]);
  }, 1);
  return studio;
}

const result = () => usePaint.getState().result;
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 2 });
const settled = () => until(() => expect(usePaint.getState().phase.kind).toBe('idle'));

beforeEach(() => {
  end = () => {};
});
afterEach(() => end());

test('what is painted is drawn from, of one seed, in few steps, and again when it changes', async () => {
  const { engine } = await paint();
  await settled();
  expect(engine.jobs).toHaveLength(0);
  addPaint(dot(1));
  await until(() => expect(result()).not.toBeNull());
  const first = engine.jobs[0]!;
  expect(first.request).toMatchObject({ prompt: 'a cat', count: 1, seed: 1, init: { fit: 'stretch' } });
  expect(first.request.steps).toBeLessThanOrEqual(4);
  const { steps, init } = first.request;
  expect(stepsSkipped(READING.noise.path, steps, init!.strength), 'the sketch is seen').toBeGreaterThan(0);
  expect(await first.files?.[first.request.init!.sha256]?.text()).toContain('[[1,1,0.5]]');
  const before = result();
  changePaint({ strength: 0.9 });
  await until(() => expect(result()).not.toBe(before));
  expect(engine.jobs[1]!.request.init).toMatchObject({ strength: 0.9 });
  editDraft({ prompt: 'a dog' });
  await until(() => expect(engine.jobs[2]?.request.prompt).toBe('a dog'));
  await settled();
  expect(perMinute(usePaint.getState())).toBeGreaterThan(0);
});

test('a run that has become stale is dropped at a step, and only the newest sketch is drawn next', async () => {
  const { engine } = await paint({ stepMs: 10 });
  changePaint({ steps: READING.steps.max > 12 ? 12 : READING.steps.max });
  addPaint(dot(1));
  await until(() => expect(result()).not.toBeNull());
  await settled();
  addPaint(dot(2));
  await until(() => expect(engine.jobs).toHaveLength(2));
  addPaint(dot(3));
  addPaint(dot(4));
  const before = result();
  await until(() => expect(result()).not.toBe(before));
  await settled();
  const { files = {}, request } = engine.jobs.at(-1)!;
  expect(await files[request.init!.sha256]!.text()).toContain('[[4,1,0.5]]');
  expect(engine.jobs).toHaveLength(3);
  expect(result()!.picture.request.init!.sha256).toBe(request.init!.sha256);
});

test('where a job runs it waits, says so, and goes on after it', async () => {
  await paint({ stepMs: 20 });
  void generate();
  await until(() => expect(isRunning(useRun.getState())).toBe(true));
  addPaint(dot(1));
  await until(() => expect(usePaint.getState().phase.kind).toBe('waiting'));
  expect(result()).toBeNull();
  await until(() => expect(result()).not.toBeNull());
  expect(isRunning(useRun.getState())).toBe(false);
});

test('a failure is said, and the next change tries again', async () => {
  const { engine } = await paint();
  editDraft({ prompt: '' });
  addPaint(dot(1));
  await until(() =>
    expect(usePaint.getState().phase).toMatchObject({ kind: 'failed', failure: { code: 'prompt-empty' } }),
  );
  expect(engine.jobs).toHaveLength(0);
  editDraft({ prompt: 'a cat' });
  await until(() => expect(result()).not.toBeNull());
});

test('a picture is kept once, with the sketch it came from, and the form keeps its own settings', async () => {
  await paint();
  const put: Blob[] = [];
  const given = services();
  provideServices({
    ...given,
    inputs: {
      ...given.inputs,
      put: async (file) => {
        put.push(file);
        return { ok: true, sha256: 'x' };
      },
    },
  });
  addPaint(dot(1));
  await until(() => expect(result()).not.toBeNull());
  await keepPainted();
  await keepPainted();
  expect(useGallery.getState().pictures).toHaveLength(1);
  expect(useGallery.getState().pictures[0]!.request.init).toMatchObject({ fit: 'stretch' });
  expect(await put[0]!.text()).toContain('stroke');
  expect(put).toHaveLength(1);
  expect(useDraft.getState().init).toBeNull();
});

test('undo, redo and an empty paper', async () => {
  await paint();
  addPaint(dot(1));
  addPaint({ kind: 'clear' });
  expect(onPaper(usePaint.getState().ops)).toEqual([]);
  undoSketch();
  expect(onPaper(usePaint.getState().ops)).toHaveLength(1);
  undoSketch();
  redoSketch();
  expect(usePaint.getState()).toMatchObject({ ops: [dot(1)], undone: [{ kind: 'clear' }] });
  addPaint(dot(2));
  expect(usePaint.getState().undone).toEqual([]);
});
