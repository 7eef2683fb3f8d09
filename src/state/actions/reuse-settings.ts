import { missingSentence, missingWordsSentence } from '#state/adapters.ts';
import { NO_PICTURES, useDraft } from '#state/draft.ts';
import { fitDraft } from '#state/fit-draft.ts';
import { findPicture, useGallery } from '#state/gallery.ts';
import { formOf } from '#state/kits.ts';
import { findModel, useModels } from '#state/models.ts';
import { wordsOf } from '#state/recall-template.ts';
import { lookAtPicture } from '#state/actions/look-at-picture.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { services } from '#state/services.ts';

/**
 * Puts a picture's request back into the form, with its seed locked so that Generate makes it again.
 * @param asWritten with the words as they were before styles, lists and choices made others of them
 */
export function reuseSettings(id: string, { asWritten = false } = {}): void {
  const picture = findPicture(useGallery.getState(), id);
  if (picture === null) return;
  if (picture.imported !== undefined) {
    void lookAtImported(id, picture.imported.fileName);
    return;
  }
  const { request } = picture;
  const manifest = findModel(useModels.getState().models, request.modelId);
  const draft = {
    styles: [],
    ...NO_PICTURES,
    ...formOf(request),
    ...(asWritten && request.template !== undefined ? wordsOf(request.template) : {}),
    seed: picture.seed,
    count: 1,
    isSeedLocked: true,
  };
  useDraft.setState(manifest === null ? draft : fitDraft(draft, manifest));
  const hasOtherModel = manifest !== null && manifest.id !== request.modelId;
  const loaded = hasOtherModel
    ? `Settings loaded. The model “${request.modelId}” is not here, so ${manifest.name} stays.`
    : 'Settings loaded, with the seed locked.';
  const sentences = [loaded, missingSentence(draft), missingWordsSentence(request.words)];
  showToast({
    text: sentences.filter((one) => one !== null).join(' '),
    tone: 'plain',
    action: null,
  });
}

/** What another tool's picture says is shown first: some of it may not fit. */
async function lookAtImported(id: string, fileName: string): Promise<void> {
  const file = await services().gallery.png(id);
  if (file !== null) await lookAtPicture(new File([file], fileName, { type: file.type }));
}
