import type { Failure } from '#core/failure.ts';
import { stepsToShow, stepsWithSource } from '#core/sampling/strength.ts';
import { closePicture } from '#state/actions/look-at-picture.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { showPage } from '#state/actions/show-page.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { controlsOf } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';
import { useSourceView } from '#state/edit.ts';
import { findModel, useModels } from '#state/models.ts';
import { useRun } from '#state/run.ts';
import { services } from '#state/services.ts';
import { MAX_INPUT_BYTES } from '#storage/inputs.ts';

/** Makes a picture file the one that the next request starts from. @returns whether it now is */
export async function chooseSource(file: Blob): Promise<boolean> {
  const failure = await keepSource(file);
  if (failure !== null) useRun.setState({ formFailure: failure });
  return failure === null;
}

/** The same with a picture of the gallery, and its words in the form. */
export async function startFromPicture(id: string): Promise<boolean> {
  const file = await services().gallery.png(id);
  if (file === null) {
    showToast({ text: 'That picture is no longer in the gallery.', tone: 'trouble', action: null });
    return false;
  }
  if (!(await chooseSource(file))) return false;
  showToast({ text: 'The next picture starts from this one.', tone: 'plain', action: null });
  return true;
}

/** The same with the file of the recall dialog. */
export async function startFromFile(file: File): Promise<void> {
  if (!(await chooseSource(file))) return;
  closePicture();
  showPage('stage');
}

/** Steps that were raised for the source alone are the model's own again. */
export function removeSource(): void {
  const { init, modelId, steps } = useDraft.getState();
  const manifest = findModel(useModels.getState().models, modelId);
  const needed = manifest && init && stepsToShow(manifest.noise.path, init.strength);
  const isRaised = manifest !== null && steps === needed && steps > manifest.steps.default;
  editDraft({ init: null, ...(isRaised ? { steps: manifest.steps.default } : {}) });
}

async function keepSource(file: Blob): Promise<Failure | null> {
  if (file.size > MAX_INPUT_BYTES) return { code: 'picture-unreadable', reason: 'it is larger than 64 MB' };
  if ((await measured(file)) === null)
    return { code: 'picture-unreadable', reason: 'this browser knows no such format' };
  const kept = await services().inputs.put(file);
  if (!kept.ok) return { code: 'input-not-kept', reason: kept.reason };
  const draft = useDraft.getState();
  const manifest = findModel(useModels.getState().models, draft.modelId);
  const control = manifest && controlsOf(manifest).source;
  const strength = draft.init?.strength ?? (control?.enabled ? control.default : 0.6);
  const init = { sha256: kept.sha256, strength, fit: draft.init?.fit ?? 'crop' };
  const steps =
    manifest !== null && draft.init === null
      ? stepsWithSource(manifest.noise.path, strength, draft.steps, manifest.steps.max)
      : draft.steps;
  editDraft({ init, steps });
  return null;
}

/** Reads the draft's source, so that it can be shown. */
export async function readSource(sha256: string): Promise<void> {
  const { shown } = useSourceView.getState();
  if (shown?.sha256 === sha256) return;
  if (shown?.picture) URL.revokeObjectURL(shown.picture.url);
  useSourceView.setState({ shown: { sha256, picture: null, isMissing: false } });
  const file = await services().inputs.get(sha256);
  const size = file && (await measured(file));
  if (useSourceView.getState().shown?.sha256 !== sha256) return;
  const picture = file && size && { url: URL.createObjectURL(file), ...size };
  useSourceView.setState({ shown: { sha256, picture, isMissing: picture === null } });
}

async function measured(file: Blob): Promise<{ widthPx: number; heightPx: number } | null> {
  try {
    const bitmap = await createImageBitmap(file);
    const size = { widthPx: bitmap.width, heightPx: bitmap.height };
    bitmap.close();
    return size;
  } catch {
    return null;
  }
}
