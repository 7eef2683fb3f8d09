import { findPicture, useGallery } from '#state/gallery.ts';
import { useModels } from '#state/models.ts';
import { type Run, useRun } from '#state/run.ts';
import { Progress } from '#ui/panel/Progress.tsx';
import { FailureCard } from '#ui/stage/FailureCard.tsx';
import { Frame } from '#ui/stage/Frame.tsx';
import { PreviewCanvas } from '#ui/stage/PreviewCanvas.tsx';

/** The picture as large as the screen allows, forming or finished. */
export function DemoStage() {
  const run = useRun((state) => state.run);
  const view = useGallery((state) => state.view);
  const picture = useGallery((state) =>
    state.view?.kind === 'picture' ? findPicture(state, state.view.id) : null,
  );
  const url = useGallery((state) => state.openUrl);
  const modelFailure = useModels((state) => state.failure);
  const failure = modelFailure ?? (view?.kind === 'run' ? (run?.failure ?? null) : null);
  if (failure !== null) {
    return (
      <div className="flex min-h-0 min-w-0 flex-1">
        <FailureCard failure={failure} run={modelFailure === null ? run : null} />
      </div>
    );
  }
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col justify-center gap-4">
      <div className="min-h-0 lg:flex-1">
        {picture !== null ? (
          <Frame widthPx={picture.widthPx} heightPx={picture.heightPx}>
            <img
              src={url?.id === picture.id ? url.url : picture.thumbnailUrl}
              alt={picture.request.prompt}
              className="arrive absolute inset-0 h-full w-full"
            />
          </Frame>
        ) : (
          <Forming run={view?.kind === 'run' ? run : null} />
        )}
      </div>
      {view?.kind === 'run' && run !== null && run.outcome === null && <Progress />}
      {picture !== null && (
        <p className="text-center text-lg text-balance text-soft">{picture.request.prompt}</p>
      )}
    </div>
  );
}

function Forming({ run }: { run: Run | null }) {
  const side = { widthPx: run?.request.widthPx ?? 1, heightPx: run?.request.heightPx ?? 1 };
  const preview = run?.cells[0]?.preview ?? null;
  const isForming = run !== null && run.outcome === null;
  // Before the first touch a square as large as pictures will be.
  const frame = run === null ? { widthPx: 1024, heightPx: 1024 } : side;
  return (
    <Frame {...frame}>
      {preview !== null && isForming && <PreviewCanvas bitmap={preview} />}
      {preview === null && isForming && <div className="warming absolute inset-0" />}
      {!isForming && (
        <p className="absolute inset-0 flex items-center justify-center p-8 text-center text-lg text-balance text-soft">
          Touch a prompt, and watch it form.
        </p>
      )}
    </Frame>
  );
}
