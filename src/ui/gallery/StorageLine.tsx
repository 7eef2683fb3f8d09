import { HardDrive } from 'lucide-react';
import { useMemo } from 'react';
import { type GalleryEntry, isUnmarked, usageOf } from '#core/gallery/search.ts';
import { selectAll } from '#state/actions/browse-gallery.ts';
import { formatBytes } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';

/** What the pictures take on this device, and what nobody marked and so may go. */
export function StorageLine({ entries }: { entries: readonly GalleryEntry[] }) {
  const { sizeBytes, unmarked } = useMemo(() => usageOf(entries), [entries]);
  return (
    <section
      aria-label="Storage of the gallery"
      className="mt-4 flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line pt-4 text-xs text-soft tabular-nums"
    >
      <HardDrive size={14} aria-hidden="true" className="text-faint" />
      <p>
        {formatBytes(sizeBytes)} on this device.{' '}
        {unmarked.count > 0 &&
          `${unmarked.count === 1 ? 'One picture has' : `${unmarked.count} pictures have`} neither a star nor a board: ${formatBytes(unmarked.sizeBytes)} that may go.`}
      </p>
      {unmarked.count > 0 && (
        <Button look="quiet" className="text-xs" onClick={() => selectAll(isUnmarked)}>
          Select {unmarked.count === 1 ? 'it' : 'them'}
        </Button>
      )}
    </section>
  );
}
