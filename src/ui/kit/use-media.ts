import { useSyncExternalStore } from 'react';

/** Whether a media query holds now; rendered again when it changes. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = matchMedia(query);
      list.addEventListener('change', changed);
      return () => list.removeEventListener('change', changed);
    },
    () => matchMedia(query).matches,
  );
}

/** A phone: narrower than `sm:` in the styles. */
export const NARROW = '(max-width: 39.99rem)';

/** Room for the panel beside the stage. The same width as `lg:` in the styles. */
export const WIDE = '(min-width: 60rem)';
