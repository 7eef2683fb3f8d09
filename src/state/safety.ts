/** Which pictures are veiled, and which of those a person has uncovered. */
import { create } from 'zustand';
import type { ConceptScore } from '#engine/captioner-api.ts';
import type { GalleryPicture } from '#state/gallery.ts';
import type { ReadingPreferences } from '#state/reading.ts';

/** Ids of pictures that were uncovered in this tab. */
export const useRevealed = create<{ ids: ReadonlySet<string> }>(() => ({ ids: new Set() }));

/** What was found in a picture, the surest first. Empty where the check is off or has not come to it yet. */
export function foundConcepts(
  { concepts }: Pick<GalleryPicture, 'concepts'>,
  { isSafetyOn, safetyShift }: Pick<ReadingPreferences, 'isSafetyOn' | 'safetyShift'>,
): ConceptScore[] {
  if (!isSafetyOn || concepts === undefined) return [];
  return concepts
    .filter(({ score, threshold }) => score >= threshold + safetyShift)
    .sort((a, b) => b.score - b.threshold - (a.score - a.threshold));
}
