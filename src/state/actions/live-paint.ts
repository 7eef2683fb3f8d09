/**
 * Live paint: the newest sketch is drawn, one after the other, and never one that is older. A run that has become stale
 * is dropped at its next step. Nothing is kept before it is asked for.
 */
import type { Manifest } from '#core/models/manifest.ts';
import { leastStrength, stepsToShow } from '#core/sampling/strength.ts';
import { chooseSource } from '#state/actions/choose-source.ts';
import { drawPicture } from '#state/actions/draw-picture.ts';
import { keepPicture } from '#state/actions/keep-picture.ts';
import { showPage } from '#state/actions/show-page.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { controlsOf } from '#state/controls.ts';
import { type Draft, NO_PICTURES, useDraft } from '#state/draft.ts';
import { fitDraft, freezeDraft, type Frozen } from '#state/fit-draft.ts';
import { type Paint, type PaintOp, usePaint } from '#state/live-paint.ts';
import { findModel, useModels } from '#state/models.ts';
import { isRunning, useRun } from '#state/run.ts';
import { services } from '#state/services.ts';
import { sha256Hex } from '#storage/library/hash.ts';

/** A pen that rests for so long has said something. */
const REST_MS = 150;
/** A step that takes longer cannot be stopped within the time that a cancel is given: such a run is let finish. */
const DROPPABLE_STEP_MS = 400;
/** More are no longer live. */
export const MAX_LIVE_STEPS = 12;
const PACES = 5;
/** Square paper of this side is enough to sketch on. */
const MAX_SIDE_PX = 1024;

interface Session {
  readonly read: () => Promise<Blob | null>;
  readonly restMs: number;
  /** Counts what was changed. */
  version: number;
  /** The version that was drawn last, or tried. */
  drawn: number;
  isLooping: boolean;
  isEnded: boolean;
}

/** Gets paper and settings ready for the model of the form; what was sketched before stays. */
export function openPaint(): void {
  const manifest = findModel(useModels.getState().models, useDraft.getState().modelId);
  if (manifest === null) return;
  const fitted = fitDraft(useDraft.getState(), manifest);
  const { widthPx, heightPx, steps, ops } = usePaint.getState();
  const size = ops.length > 0 ? { widthPx, heightPx } : paperOf(fitted);
  const limits = controlsOf(manifest).steps;
  const least = limits.enabled ? limits.min : limits.value;
  const most = limits.enabled ? Math.min(limits.max, MAX_LIVE_STEPS) : limits.value;
  // The sketch has to be seen at all.
  const seen = stepsToShow(manifest.noise.path, usePaint.getState().strength) ?? 1;
  const wanted = steps === 0 ? Math.max(Math.min(fitted.steps, 4), seen) : steps;
  // A brush for shapes, on paper of any size.
  const brush = steps === 0 ? { brushPx: Math.max(4, Math.round(size.widthPx / 10)) } : {};
  usePaint.setState({ ...size, ...brush, steps: Math.min(most, Math.max(least, wanted)) });
}

function paperOf({ widthPx, heightPx }: Draft): Pick<Paint, 'widthPx' | 'heightPx'> {
  const scale = Math.min(1, MAX_SIDE_PX / Math.max(widthPx, heightPx));
  return { widthPx: Math.round(widthPx * scale), heightPx: Math.round(heightPx * scale) };
}

/**
 * Draws the sketch whenever it, the words or the settings have changed.
 * @param read gives the sketch as a file, or null for an empty paper
 * @returns ends it
 */
export function beginPainting(read: () => Promise<Blob | null>, restMs = REST_MS): () => void {
  const own: Session = { read, restMs, version: 1, drawn: 0, isLooping: false, isEnded: false };
  const touch = () => {
    own.version++;
    void loop(own);
  };
  const ends = [
    useDraft.subscribe(touch),
    usePaint.subscribe((now, before) => {
      const keys = ['ops', 'pending', 'strength', 'steps', 'seed', 'widthPx', 'heightPx'] as const;
      if (keys.some((key) => now[key] !== before[key])) touch();
    }),
  ];
  void loop(own);
  return () => {
    own.isEnded = true;
    for (const end of ends) end();
    usePaint.setState({ pending: null, phase: { kind: 'idle' } });
  };
}

async function loop(own: Session): Promise<void> {
  if (own.isLooping) return;
  own.isLooping = true;
  while (!own.isEnded && own.drawn < own.version) {
    const { version } = own;
    await new Promise((resolve) => setTimeout(resolve, own.restMs));
    if (own.version !== version) continue;
    if (isRunning(useRun.getState())) {
      show(own, { kind: 'waiting' });
      await runEnded(own);
      continue;
    }
    const sketch = await own.read();
    if (own.version === version) await turn(own, version, sketch);
  }
  own.isLooping = false;
}

/** Also when the painting ends, so that nothing waits for ever. */
function runEnded(own: Session): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (isRunning(useRun.getState()) && !own.isEnded) return;
      for (const end of ends) end();
      resolve();
    };
    const ends = [useRun.subscribe(look), usePaint.subscribe(look)];
    look();
  });
}

async function turn(own: Session, version: number, sketch: Blob | null): Promise<void> {
  if (sketch === null) {
    own.drawn = version;
    show(own, { kind: 'idle' });
    return;
  }
  const sha256 = await sha256Hex(new Uint8Array(await sketch.arrayBuffer()));
  const asked = requestOf(sha256);
  if (!asked.ok) {
    own.drawn = version;
    show(own, { kind: 'failed', failure: asked.failure });
    return;
  }
  const controller = new AbortController();
  const slowest = Math.max(...(usePaint.getState().result?.picture.times.stepsMs ?? [Infinity]));
  const follow = (fraction: number) => {
    show(own, { kind: 'drawing', fraction });
    const isStale = own.isEnded || own.version !== version;
    if (isStale && fraction < 1 && slowest < DROPPABLE_STEP_MS) controller.abort();
  };
  show(own, { kind: 'drawing', fraction: null });
  const startedAt = performance.now();
  const drawn = await drawPicture(asked.request, follow, controller.signal, { [sha256]: sketch });
  if (drawn.kind === 'done') {
    own.drawn = version;
    if (own.isEnded) return;
    const { paces, result } = usePaint.getState();
    if (result !== null) URL.revokeObjectURL(result.url);
    usePaint.setState({
      result: {
        picture: drawn.picture,
        url: URL.createObjectURL(drawn.picture.png),
        sketch,
        keptId: null,
      },
      // The first one also opened the model.
      paces: [...paces, result === null ? drawn.elapsedMs : performance.now() - startedAt].slice(-PACES),
      phase: { kind: 'idle' },
    });
  } else {
    // What was dropped is drawn in its newer form.
    if (drawn.kind === 'failed' || !controller.signal.aborted) own.drawn = version;
    show(own, drawn.kind === 'failed' ? { kind: 'failed', failure: drawn.failure } : { kind: 'idle' });
  }
}

function show(own: Session, phase: Paint['phase']): void {
  if (!own.isEnded) usePaint.setState({ phase });
}

function requestOf(sha256: string): Frozen {
  const draft = useDraft.getState();
  const manifest = findModel(useModels.getState().models, draft.modelId);
  if (manifest === null) return { ok: false, failure: { code: 'model-unknown', id: draft.modelId } };
  const { steps, seed, strength } = usePaint.getState();
  const init = {
    sha256,
    strength: Math.max(strength, leastStrengthOf(manifest, steps)),
    fit: 'stretch',
  } as const;
  const asked: Draft = { ...draft, ...NO_PICTURES, steps, seed, count: 1, init };
  return freezeDraft(fitDraft(asked, manifest), manifest);
}

/** The least strength that walks one step. */
export function leastStrengthOf({ noise }: Manifest, steps: number): number {
  return leastStrength(noise.path, Math.max(1, steps));
}

export function changePaint(change: Partial<Paint>): void {
  usePaint.setState(change);
}

export function addPaint(op: PaintOp): void {
  usePaint.setState(({ ops }) => ({ ops: [...ops, op], undone: [], pending: null }));
}

export function undoSketch(): void {
  usePaint.setState(({ ops, undone }) => {
    const last = ops.at(-1);
    return last === undefined ? {} : { ops: ops.slice(0, -1), undone: [...undone, last] };
  });
}

export function redoSketch(): void {
  usePaint.setState(({ ops, undone }) => {
    const next = undone.at(-1);
    return next === undefined ? {} : { ops: [...ops, next], undone: undone.slice(0, -1) };
  });
}

/** Opens the page with a picture of the gallery on the paper. */
export async function paintOver(id: string): Promise<void> {
  const { gallery, inputs } = services();
  const file = await gallery.png(id);
  const kept = file === null ? null : await inputs.put(file);
  if (kept?.ok !== true) {
    showToast({ text: 'That picture could not be put on the paper.', tone: 'trouble', action: null });
    return;
  }
  addPaint({ kind: 'picture', sha256: kept.sha256 });
  showPage('paint');
}

/** Puts the picture that is shown into the gallery, with its settings and its sketch. */
export async function keepPainted(): Promise<void> {
  const { result } = usePaint.getState();
  if (result === null || result.keptId !== null) return;
  const kept = await services().inputs.put(result.sketch);
  if (!kept.ok) {
    usePaint.setState({
      phase: { kind: 'failed', failure: { code: 'input-not-kept', reason: kept.reason } },
    });
    return;
  }
  const { id } = await keepPicture(result.picture);
  usePaint.setState((now) => (now.result === result ? { result: { ...result, keptId: id } } : {}));
  showToast({ text: 'The picture is in the gallery.', tone: 'plain', action: null });
}

/** Makes the picture that is shown the form's source, and goes there. */
export async function startFromPainted(): Promise<void> {
  const { result } = usePaint.getState();
  if (result === null || !(await chooseSource(result.picture.png))) return;
  showPage('stage');
  showToast({ text: 'The next picture starts from this one.', tone: 'plain', action: null });
}
