import { useEffect, useState } from 'react';
import { leaveMatrix } from '#state/actions/draw-matrix.ts';
import { useDraft } from '#state/draft.ts';
import { PageFrame } from '#ui/kit/PageFrame.tsx';
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
  useEffect(() => leaveMatrix, []);
  return (
    <PageFrame
      view="kits"
      title="Kits"
      column="max-w-6xl pb-16"
      actions={
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
      }
    >
      {manifest !== null && (
        <div>
          {part === 'kits' ? (
            <KitDesk manifest={manifest} firstId={kitId} />
          ) : (
            <MatrixView manifest={manifest} />
          )}
        </div>
      )}
    </PageFrame>
  );
}
