import { ArrowLeft } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { showPage } from '#state/actions/show-page.ts';
import { useDraft } from '#state/draft.ts';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { Segmented } from '#ui/kit/Segmented.tsx';
import { useManifest } from '#ui/use-manifest.ts';
import { KitDesk } from './KitDesk.tsx';
import { MatrixView } from './MatrixView.tsx';

type Part = 'kits' | 'matrix';

/** The kits, in place of the stage: each can be changed, and all be seen beside each other. */
export function KitsPage() {
  const manifest = useManifest();
  const kitId = useDraft((draft) => draft.kitId);
  const [part, setPart] = useState<Part>('kits');
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <main className="relative min-h-0 flex-1 overflow-y-auto bg-canvas" data-view="kits">
      <div className="mx-auto max-w-6xl px-4 pt-4 pb-16 sm:px-6">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-2">
          <IconButton label="Back to the studio" className="-ml-2" onClick={() => showPage('stage')}>
            <ArrowLeft size={18} aria-hidden="true" />
          </IconButton>
          <h2
            ref={heading}
            tabIndex={-1}
            className="flex-1 text-lg font-semibold tracking-tight outline-none"
          >
            Kits
          </h2>
          <div className="w-44">
            <Segmented
              label="Part"
              value={part}
              options={[
                { id: 'kits', name: 'Kits' },
                { id: 'matrix', name: 'Matrix' },
              ]}
              onChange={setPart}
            />
          </div>
        </div>
        {manifest !== null &&
          (part === 'kits' ? (
            <KitDesk manifest={manifest} firstId={kitId} />
          ) : (
            <MatrixView manifest={manifest} />
          ))}
      </div>
    </main>
  );
}
