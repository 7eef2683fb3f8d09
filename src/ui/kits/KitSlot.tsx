import { Suspense, lazy } from 'react';
import { useManifest } from '#ui/use-manifest.ts';

// The strip is no part of the first paint.
const KitBar = lazy(async () => ({ default: (await import('./KitBar.tsx')).KitBar }));

/** Where the kits stand; as high as they are before they come. */
export function KitSlot({ hasSentLine = false }: { hasSentLine?: boolean }) {
  const manifest = useManifest();
  const empty = <div aria-hidden="true" className="h-28" />;
  return (
    <div className="mb-3 min-w-0">
      {manifest === null ? (
        empty
      ) : (
        <Suspense fallback={empty}>
          <KitBar manifest={manifest} hasSentLine={hasSentLine} />
        </Suspense>
      )}
    </div>
  );
}
