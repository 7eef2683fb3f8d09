import { changePictures } from '#state/actions/change-pictures.ts';

const MAX_LENGTH = 1000;

/** What a person writes stays: no automatic description replaces it. Empty takes the own words away. */
export async function editAltText(pictureId: string, text: string): Promise<void> {
  const written = text.trim().slice(0, MAX_LENGTH);
  await changePictures([pictureId], () => ({ alt: { text: written, isAutomatic: false } }));
}
