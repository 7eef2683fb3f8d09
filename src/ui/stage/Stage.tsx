import { findPicture, useGallery } from '#state/gallery.ts';
import { useModels } from '#state/models.ts';
import { useRun } from '#state/run.ts';
import { EmptyStage } from './EmptyStage.tsx';
import { FailureCard } from './FailureCard.tsx';
import { InterruptedCard } from './InterruptedCard.tsx';
import { Notices } from './Notices.tsx';
import { PictureView } from './PictureView.tsx';
import { RunView } from './RunView.tsx';

/** The middle of the studio: one thing at a time, large. */
export function Stage() {
  return (
    <main
      tabIndex={-1}
      className="flex outline-none min-h-0 min-w-0 flex-1 flex-col gap-4 overflow-y-auto p-4 max-lg:overflow-visible lg:p-8 [@media(min-height:50rem)]:lg:p-10"
    >
      <InterruptedCard />
      <Notices />
      <div className="flex min-h-0 flex-1 flex-col max-lg:min-h-[44dvh]">
        <Shown />
      </div>
    </main>
  );
}

function Shown() {
  const view = useGallery((state) => state.view);
  const status = useGallery((state) => state.status);
  const picture = useGallery((state) =>
    state.view?.kind === 'picture' ? findPicture(state, state.view.id) : null,
  );
  const run = useRun((state) => state.run);
  const modelFailure = useModels((state) => state.failure);
  if (modelFailure !== null) return <FailureCard failure={modelFailure} run={null} />;
  if (view?.kind === 'run' && run !== null) return <RunView run={run} />;
  if (picture !== null) return <PictureView picture={picture} />;
  // Whether this is a first visit is not known before the gallery was read.
  return status === 'ready' ? <EmptyStage /> : null;
}
