import type { ComparedPicture } from '#state/compare.ts';

/** What a picture is called where it stands beside others. */
export function nameOf({ card }: ComparedPicture): string {
  const prompt = card.request.prompt.trim();
  return `${prompt === '' ? (card.imported?.fileName ?? 'untitled') : prompt.slice(0, 60)}, seed ${card.seed}`;
}
