import { useLibrary } from '#state/library.ts';
import { installTrouble } from './library-text.ts';

/** Quarters of a download are spoken, not every byte. */
const QUARTERS = 4;

/** What a screen reader hears of the library: beginnings, quarters, second fetches and waits of downloads. */
export function LibraryAnnouncer() {
  const said = useLibrary(({ installing }) =>
    installing
      .map((progress) => {
        const { name, state, doneBytes, totalBytes, refetching } = progress;
        const quarter = totalBytes === 0 ? 0 : Math.floor((doneBytes / totalBytes) * QUARTERS);
        switch (state) {
          case 'downloading':
            return refetching === null
              ? `${name}: ${(quarter * 100) / QUARTERS} % arrived`
              : `${name}: ${refetching} arrived damaged and is fetched again`;
          case 'verifying':
            return `${name}: checking`;
          case 'paused':
            return `${name}: paused`;
          case 'waiting-to-retry':
            return `${name}: ${installTrouble(progress)?.title ?? 'waiting'}`;
          default:
            return '';
        }
      })
      .join('. '),
  );
  return (
    <output aria-live="polite" className="sr-only">
      {said}
    </output>
  );
}
