import { runRequest } from '#state/actions/run-request.ts';
import { findPicture, useGallery } from '#state/gallery.ts';
import { usePreferences } from '#state/preferences.ts';
import { randomSeed } from '#state/random-seed.ts';

/** Near enough to be the same picture, far enough to be another. */
const STRENGTH = 0.3;
const COUNT = 4;

/** Draws a picture of the gallery four times again, each with a little of another seed's noise. */
export async function makeVariations(id: string): Promise<void> {
  const picture = findPicture(useGallery.getState(), id);
  if (picture === null) return;
  const { device, preview } = usePreferences.getState();
  const request = {
    ...picture.request,
    count: COUNT,
    variation: { seed: randomSeed(), strength: STRENGTH },
  };
  await runRequest({ request, device, preview, upscale: false });
}
