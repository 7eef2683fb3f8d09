import { Check, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { openPicture } from '#state/actions/open-picture.ts';
import { removePictures } from '#state/actions/remove-pictures.ts';
import { findPicture, useGallery } from '#state/gallery.ts';
import { type Cell, isBeingDrawn, type Run } from '#state/run.ts';
import { altOf } from '#ui/describe/alt.ts';
import { Button } from '#ui/kit/Button.tsx';
import { useIsVeiled } from '#ui/safety/Veil.tsx';
import { FailureCard } from './FailureCard.tsx';
import { Frame } from './Frame.tsx';
import { PreviewCanvas } from './PreviewCanvas.tsx';
import { orderCells, useBestFit } from './sheet-order.ts';

/** The picture that forms, or the contact sheet that fills. */
export function RunView({ run }: { run: Run }) {
  const { widthPx, heightPx } = run.request;
  const pictures = useGallery((state) => state.pictures);
  const finished = run.cells.filter(
    ({ pictureId }) => pictureId !== null && pictures.some(({ id }) => id === pictureId),
  );
  if (run.failure !== null && finished.length === 0) return <FailureCard failure={run.failure} run={run} />;
  const isOver = run.outcome !== null;
  const shown = isOver ? finished : run.cells;
  if (isOver && shown.length === 0) return <Cancelled />;
  return (
    <div className="flex h-full min-h-0 w-full flex-col gap-6">
      {run.failure !== null && <FailureCard failure={run.failure} run={run} />}
      {run.cells.length === 1 ? (
        <div className="min-h-0 flex-1">
          <Frame widthPx={widthPx} heightPx={heightPx}>
            <CellFace cell={shown[0]} isForming={!isOver} />
          </Frame>
        </div>
      ) : (
        <ContactSheet run={run} cells={shown} />
      )}
    </div>
  );
}

function ContactSheet({ run, cells }: { run: Run; cells: Cell[] }) {
  const { widthPx, heightPx } = run.request;
  const columns = Math.ceil(Math.sqrt(run.cells.length));
  const pictures = useGallery((state) => state.pictures);
  const best = useBestFit(run.outcome === null ? [] : cells);
  const [isByFit, setByFit] = useState(false);
  const ordered = orderCells(cells, pictures, isByFit && best !== null);
  const [kept, setKept] = useState<ReadonlySet<string>>(new Set());
  const toggleKept = (id: string) => {
    const next = new Set(kept);
    if (!next.delete(id)) next.add(id);
    setKept(next);
  };
  const others = cells.flatMap(({ pictureId }) =>
    pictureId === null || kept.has(pictureId) ? [] : [pictureId],
  );
  const hasKept = cells.some(({ pictureId }) => pictureId !== null && kept.has(pictureId));
  return (
    <div className="m-auto w-full max-w-4xl">
      {best !== null && (
        <div className="mb-3 flex justify-center">
          <Button look="quiet" aria-pressed={isByFit} onClick={() => setByFit(!isByFit)}>
            Best fit first
          </Button>
        </div>
      )}
      <ul
        aria-label="Contact sheet"
        // Over the strip of a tablet all of the sheet is seen at once.
        className="mx-auto grid max-w-(--sheet) gap-2 sm:gap-3 sm:max-lg:max-w-[min(var(--sheet),60dvh)]"
        style={
          {
            gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
            '--sheet': `${columns * Math.max(160, Math.min(widthPx * 2, 320))}px`,
          } as React.CSSProperties
        }
      >
        {ordered.map((cell) => (
          <li
            key={cells.indexOf(cell)}
            className={`relative overflow-hidden rounded-lg bg-well ring-1 ${isBeingDrawn(run, run.cells.indexOf(cell)) ? 'ring-ember' : 'ring-line'}`}
            style={{ aspectRatio: `${widthPx} / ${heightPx}` }}
          >
            {cell.pictureId === null ? (
              <CellFace cell={cell} isForming={isBeingDrawn(run, run.cells.indexOf(cell))} />
            ) : (
              <button
                type="button"
                aria-label={`Open picture ${cells.indexOf(cell) + 1}, seed ${cell.seed}${cell.pictureId === best ? ', fits the prompt best' : ''}`}
                className="group absolute inset-0 -outline-offset-2"
                onClick={() => void openPicture(cell.pictureId ?? '')}
              >
                <CellFace cell={cell} isForming={false} />
                <span className="absolute inset-0 transition-colors group-hover:bg-white/10" />
                {cell.pictureId === best && (
                  <span className="absolute bottom-1.5 left-1.5 rounded-full bg-panel/90 px-2 text-2xs font-medium text-ember-ink ring-1 ring-line">
                    Best fit
                  </span>
                )}
              </button>
            )}
            {cell.pictureId !== null && (
              <Keep
                label={`Keep picture ${cells.indexOf(cell) + 1}`}
                isKept={kept.has(cell.pictureId)}
                onToggle={() => toggleKept(cell.pictureId ?? '')}
              />
            )}
          </li>
        ))}
      </ul>
      {hasKept && others.length > 0 && (
        <div className="mt-4 flex justify-center">
          <Button
            icon={<Trash2 size={15} aria-hidden="true" />}
            disabled={run.outcome === null}
            onClick={() => void removePictures(others)}
          >
            {others.length === 1 ? 'Delete the other one' : `Delete the ${others.length} others`}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Marks the best of a sheet, so that the rest can go. */
function Keep({ label, isKept, onToggle }: { label: string; isKept: boolean; onToggle: () => void }) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={isKept}
      title={label}
      className="group absolute top-0 right-0 flex size-9 items-center justify-center rounded-lg pointer-coarse:size-11"
      onClick={onToggle}
    >
      <span
        className={`flex size-5 items-center justify-center rounded-full ${isKept ? 'bg-ember text-on-ember' : 'bg-black/45 text-white ring-1 ring-white/80 group-hover:bg-black/70'}`}
      >
        <Check size={13} strokeWidth={3} aria-hidden="true" className={isKept ? '' : 'opacity-70'} />
      </span>
    </button>
  );
}

function CellFace({ cell, isForming }: { cell: Cell | undefined; isForming: boolean }) {
  const picture = useGallery((state) => (cell?.pictureId ? findPicture(state, cell.pictureId) : null));
  const isVeiled = useIsVeiled(picture);
  if (picture !== null) {
    return (
      <img
        src={picture.thumbnailUrl}
        alt={altOf(picture)}
        className={`absolute inset-0 h-full w-full object-cover ${isVeiled ? 'blur-lg' : ''}`}
        draggable={false}
      />
    );
  }
  return (
    <>
      {cell?.preview && <PreviewCanvas bitmap={cell.preview} />}
      {isForming && !cell?.preview && <div className="warming absolute inset-0" />}
    </>
  );
}

function Cancelled() {
  return (
    <div className="m-auto text-center">
      <p className="text-base font-medium">Cancelled</p>
      <p className="mt-1 text-soft">Nothing was finished, and your settings are as you left them.</p>
    </div>
  );
}
