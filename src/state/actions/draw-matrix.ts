import type { Failure, FailureCode } from '#core/failure.ts';
import type { Kit } from '#core/kits/kit.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { type GenerateRequest, pictureSeed } from '#core/pipeline/request.ts';
import { bringKit } from '#state/actions/bring-kit.ts';
import { drawApart } from '#state/actions/draw-apart.ts';
import { keepPicture } from '#state/actions/keep-picture.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { useAdapters } from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';
import { fitDraft, freezeDraft } from '#state/fit-draft.ts';
import { type MatrixCell, NO_KIT, useMatrix } from '#state/kit-matrix.ts';
import { findKit, kitProblem, kitSettings, useKits } from '#state/kits.ts';
import { findModel, useModels } from '#state/models.ts';
import { isRunning, useRun } from '#state/run.ts';

let running: AbortController | null = null;

/** What is wrong with one kit says nothing about the next. */
const OF_ONE_KIT: readonly FailureCode[] = [
  'kit-mismatch',
  'kit-incomplete',
  'adapter-missing',
  'adapter-invalid',
  'adapter-unsupported',
  'adapter-mismatch',
  'adapters-too-many',
  'sampler-unknown',
  'schedule-unknown',
  'steps-unsupported',
  'guidance-invalid',
];

/** What is wrong with the words is wrong in every kit. */
const OF_ALL_KITS: readonly FailureCode[] = ['prompt-empty', 'styles-unknown', 'lists-unknown'];

/**
 * Draws one prompt in every kit, seed by seed, the form's other settings as they are. Pictures are kept when asked for.
 * @param kitIds with `NO_KIT` for the model as it is
 * @param seedCount that many, from the form's seed on
 */
export async function drawMatrix(
  prompt: string,
  kitIds: readonly string[],
  seedCount: number,
): Promise<void> {
  const draft = useDraft.getState();
  const manifest = findModel(useModels.getState().models, draft.modelId);
  if (manifest === null || isRunning(useRun.getState()) || kitIds.length === 0) return;
  endMatrix();
  const seeds = Array.from({ length: seedCount }, (_, index) => pictureSeed(draft.seed, index));
  const kits = kitIds.map((id) => findKit(useKits.getState(), id));
  const cells = kits.flatMap((kit) => seeds.map((seed) => cellOf(kit, seed, prompt, manifest)));
  for (const { state } of cells) {
    if (state.kind !== 'failed' || !OF_ALL_KITS.includes(state.failure.code)) continue;
    useMatrix.setState({ failure: state.failure });
    return;
  }
  const own = new AbortController();
  running = own;
  useMatrix.setState({
    matrix: { prompt, seeds, cells, isRunning: true, isExporting: false },
    failure: null,
  });
  for (const [index, { request }] of cells.entries()) {
    if (own.signal.aborted) return;
    const kit = kits[Math.floor(index / seeds.length)] ?? null;
    const failure = request === null ? null : await drawCell(index, request, kit, own.signal);
    if (failure !== null && !OF_ONE_KIT.includes(failure.code)) break;
  }
  finish(own);
}

/** Stops after the step that runs; what is there stays. */
export function cancelMatrix(): void {
  if (running !== null) finish(running);
}

/** The person goes elsewhere: nothing goes on drawing unseen, and what is there waits for them. */
export function leaveMatrix(): void {
  const { matrix } = useMatrix.getState();
  if (matrix === null || !matrix.isRunning) return;
  const drawn = matrix.cells.filter(({ state }) => state.kind === 'done').length;
  cancelMatrix();
  showToast({
    text: `The matrix stopped at ${drawn} of ${matrix.cells.length}. What is drawn stays.`,
    tone: 'plain',
    action: null,
  });
}

/** Stops what runs and lets go of the pictures. */
export function endMatrix(): void {
  running?.abort();
  running = null;
  for (const { state } of useMatrix.getState().matrix?.cells ?? [])
    if (state.kind === 'done') URL.revokeObjectURL(state.url);
  useMatrix.setState({ matrix: null, failure: null });
}

export async function keepCell(index: number): Promise<void> {
  const cell = useMatrix.getState().matrix?.cells[index];
  if (cell == null || cell.picture === null || cell.keptId !== null) return;
  const { id } = await keepPicture(cell.picture);
  changeCell(index, { keptId: id });
  showToast({ text: 'Kept in the gallery.', tone: 'plain', action: null });
}

function cellOf(kit: Kit | null, seed: number, prompt: string, manifest: Manifest): MatrixCell {
  const { replaced, starters } = useKits.getState();
  const draft = useDraft.getState();
  const { widthPx: _width, heightPx: _height, ...settings } = kitSettings(kit);
  const kitId = kit?.id ?? NO_KIT;
  const asked = fitDraft({ ...draft, ...replaced, ...settings, prompt, kitId, seed, count: 1 }, manifest);
  const frozen = freezeDraft(asked, manifest);
  const { cards } = useAdapters.getState();
  const lacking = kit === null ? null : kitProblem(kit, starters, cards, manifest);
  const failure = lacking ?? (frozen.ok ? null : frozen.failure);
  return {
    kitId,
    kitName: kit?.name ?? 'No kit',
    colour: kit?.colour ?? null,
    seed,
    request: failure === null && frozen.ok ? frozen.request : null,
    state: failure === null ? { kind: 'waiting' } : { kind: 'failed', failure },
    picture: null,
    keptId: null,
  };
}

async function drawCell(
  index: number,
  request: GenerateRequest,
  kit: Kit | null,
  signal: AbortSignal,
): Promise<Failure | null> {
  let failed: Failure | null = null;
  const show = (state: MatrixCell['state']) => {
    if (state.kind === 'failed') failed = state.failure;
    if (!signal.aborted) changeCell(index, { state });
    else if (state.kind === 'done') URL.revokeObjectURL(state.url);
  };
  show({ kind: 'drawing', fraction: null });
  const lacking = kit === null ? null : await bringKit(kit);
  if (lacking !== null) {
    show({ kind: 'failed', failure: lacking });
    return lacking;
  }
  if (signal.aborted) return null;
  await drawApart(request, show, signal, (picture) => changeCell(index, { picture }));
  return failed;
}

function finish(own: AbortController): void {
  own.abort();
  if (running === own) running = null;
  const { matrix } = useMatrix.getState();
  if (matrix === null) return;
  const cells = matrix.cells.map(
    (cell): MatrixCell =>
      cell.state.kind === 'waiting' || cell.state.kind === 'drawing'
        ? { ...cell, state: { kind: 'cancelled' } }
        : cell,
  );
  useMatrix.setState({ matrix: { ...matrix, cells, isRunning: false } });
}

function changeCell(index: number, change: Partial<MatrixCell>): void {
  const { matrix } = useMatrix.getState();
  const cell = matrix?.cells[index];
  if (matrix == null || cell === undefined) return;
  useMatrix.setState({ matrix: { ...matrix, cells: matrix.cells.with(index, { ...cell, ...change }) } });
}
