import type { Manifest } from '#core/models/manifest.ts';
import { stepsToShow } from '#core/sampling/strength.ts';

/** What to say of a walk that begins at noise, where a strength promises otherwise; never more steps than the model has. */
export function unseenHint(
  what: 'source' | 'sketch' | 'first picture',
  { noise, steps: { max } }: Pick<Manifest, 'noise' | 'steps'>,
  steps: number,
  strength: number,
): string {
  const needed = stepsToShow(noise.path, strength);
  const ways = [
    ...(needed !== null && needed <= max ? [`${needed} steps`] : []),
    ...(steps > 1 ? ['less strength'] : []),
  ];
  const advice = ways.length > 0 ? `take ${ways.join(', or ')}` : 'this model has too few steps';
  return `It begins at noise, so nothing of the ${what} is seen: ${advice}.`;
}
