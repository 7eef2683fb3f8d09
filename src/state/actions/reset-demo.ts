import { EMPTY_DRAFT, useDraft } from '#state/draft.ts';
import { fitDraft } from '#state/fit-draft.ts';
import { useGallery } from '#state/gallery.ts';
import { findModel, useModels } from '#state/models.ts';
import { useRun } from '#state/run.ts';
import { services } from '#state/services.ts';

/** Between two runs: puts a stand back to how the next visitor should find it: no picture, no words, no settings of the last one. */
export async function resetDemo(): Promise<void> {
  const { pictures, openUrl } = useGallery.getState();
  useGallery.setState({ pictures: [], view: null, openUrl: null });
  useRun.setState({ run: null, formFailure: null });
  const manifest = findModel(useModels.getState().models, '');
  useDraft.setState(manifest === null ? EMPTY_DRAFT : fitDraft(EMPTY_DRAFT, manifest));
  if (openUrl !== null) URL.revokeObjectURL(openUrl.url);
  const { gallery } = services();
  for (const { id, thumbnailUrl } of pictures) {
    URL.revokeObjectURL(thumbnailUrl);
    await gallery.remove(id);
  }
}
