import { takeOffKit } from '#core/kits/kit.ts';
import { bringKit } from '#state/actions/bring-kit.ts';
import { runRequest } from '#state/actions/run-request.ts';
import { useDraft } from '#state/draft.ts';
import { fitDraft, freezeDraft } from '#state/fit-draft.ts';
import { findPicture, useGallery } from '#state/gallery.ts';
import { findKit, formOf, kitSettings, useKits } from '#state/kits.ts';
import { findModel, useModels } from '#state/models.ts';
import { usePreferences } from '#state/preferences.ts';
import { useRun } from '#state/run.ts';

/** Draws the picture on the stage again, its words and its seed, in the kit that the form has now; in its turn. */
export async function redrawInKit(): Promise<void> {
  const gallery = useGallery.getState();
  const picture = gallery.view?.kind === 'picture' ? findPicture(gallery, gallery.view.id) : null;
  const form = useDraft.getState();
  const manifest = findModel(useModels.getState().models, form.modelId);
  if (picture === null || manifest === null) return;
  const kit = findKit(useKits.getState(), form.kitId);
  const failure = kit === null ? null : await bringKit(kit);
  if (failure !== null) return;
  const { revision: _, kit: _worn, ...made } = picture.request;
  const words = formOf({ ...made, ...takeOffKit(picture.request) });
  const { widthPx, heightPx } = made;
  const draft = fitDraft(
    {
      ...form,
      ...words,
      ...kitSettings(kit),
      widthPx,
      heightPx,
      modelId: manifest.id,
      seed: picture.seed,
      count: 1,
      kitId: form.kitId,
    },
    manifest,
  );
  const frozen = freezeDraft(draft, manifest);
  if (!frozen.ok) {
    useRun.setState({ formFailure: frozen.failure });
    return;
  }
  const { device, preview, isUpscaling } = usePreferences.getState();
  await runRequest({ request: frozen.request, device, preview, upscale: isUpscaling });
}
