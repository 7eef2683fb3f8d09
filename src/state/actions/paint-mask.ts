/** What one does on the mask stage. */
import { type Extend, MAX_EXTEND_PX } from '#core/pipeline/request.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { chooseSource, readSource } from '#state/actions/choose-source.ts';
import { generate } from '#state/actions/generate.ts';
import { showPage } from '#state/actions/show-page.ts';
import { useDraft } from '#state/draft.ts';
import { type Edit, isExtended, type MaskOp, NO_EXTEND, useEdit } from '#state/edit.ts';
import { useRun } from '#state/run.ts';
import { services } from '#state/services.ts';

/** Opens the stage on the form's source, with the mask that it has. */
export function openEdit(): void {
  const { init } = useDraft.getState();
  if (init === null) return;
  void readSource(init.sha256);
  if (useEdit.getState().sha256 !== init.sha256) {
    const { mask, extend = NO_EXTEND } = init;
    const kept = mask?.sha256 ?? null;
    useEdit.setState({
      sha256: init.sha256,
      ops: kept === null ? [] : [{ kind: 'kept', sha256: kept }],
      undone: [],
      zoom: null,
      extend,
      ...(mask === undefined ? {} : { use: useOf(mask) }),
    });
  }
  showPage('edit');
}

function useOf({ content, blurPx, onlyMasked }: Edit['use']): Edit['use'] {
  return { content, blurPx, onlyMasked };
}

/** Makes a picture of the gallery the source, and opens the stage on it. */
export async function editPicture(id: string): Promise<void> {
  const file = await services().gallery.png(id);
  if (file !== null && (await chooseSource(file))) openEdit();
}

export function paint(op: MaskOp): void {
  useEdit.setState(({ ops }) => ({ ops: [...ops, op], undone: [] }));
}

export function undoPaint(): void {
  useEdit.setState(({ ops, undone }) => {
    const last = ops.at(-1);
    return last === undefined ? {} : { ops: ops.slice(0, -1), undone: [...undone, last] };
  });
}

export function redoPaint(): void {
  useEdit.setState(({ ops, undone }) => {
    const next = undone.at(-1);
    return next === undefined ? {} : { ops: [...ops, next], undone: undone.slice(0, -1) };
  });
}

export function changeEdit(change: Partial<Edit>): void {
  useEdit.setState(change);
}

const DEFAULT_PADDING_PX = 32;

/** How far an edge of a source may move out. */
export function maxExtendPx({ widthPx, heightPx }: { widthPx: number; heightPx: number }): number {
  return Math.min(MAX_EXTEND_PX, Math.max(64, widthPx, heightPx));
}

export function extendFrame(side: keyof Extend, px: number): void {
  useEdit.setState(({ extend, use }) => ({
    extend: { ...extend, [side]: px },
    // What is new is drawn beside the picture, out of the colours at its edge.
    ...(isExtended(extend) || px === 0
      ? {}
      : {
          use: { ...use, content: 'fill', onlyMasked: use.onlyMasked ?? { paddingPx: DEFAULT_PADDING_PX } },
        }),
  }));
}

/** Leaves the stage with what was painted in the form. @returns whether it could be kept */
export async function keepMask(mask: Blob | null): Promise<boolean> {
  const { use, extend } = useEdit.getState();
  const { init } = useDraft.getState();
  if (init === null) return false;
  const { mask: _, extend: __, ...plain } = init;
  const hasMask = mask !== null || isExtended(extend);
  const kept = mask === null ? null : await services().inputs.put(mask);
  if (kept !== null && !kept.ok) {
    useRun.setState({ formFailure: { code: 'input-not-kept', reason: kept.reason } });
    return false;
  }
  editDraft({
    init: {
      ...plain,
      ...(isExtended(extend) ? { extend } : {}),
      ...(hasMask ? { mask: { ...use, sha256: kept?.sha256 ?? null } } : {}),
    },
  });
  return true;
}

/** Draws what is masked anew, and looks on. */
export async function drawMasked(mask: Blob | null): Promise<void> {
  if (!(await keepMask(mask))) return;
  showPage('stage');
  await generate();
}

export async function closeEdit(mask: Blob | null): Promise<void> {
  await keepMask(mask);
  showPage('stage');
}
