import type { AtOnce } from '#core/pipeline/at-once.ts';
import { usePreferences } from '#state/preferences.ts';

/** How many pictures are drawn together, from the next run on. */
export function chooseAtOnce(atOnce: AtOnce): void {
  usePreferences.setState({ atOnce });
}
