import { Dialog } from '@base-ui/react/dialog';
import { Check, ChevronLeft, ChevronRight, ImagePlus, X } from 'lucide-react';
import { chooseKit } from '#state/actions/choose-kit.ts';
import { keepCell } from '#state/actions/draw-matrix.ts';
import { useDraft } from '#state/draft.ts';
import type { Matrix } from '#state/kit-matrix.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';

interface Props {
  matrix: Matrix;
  at: number;
  onMove: (at: number) => void;
  onClose: () => void;
}

/** One cell, large; the arrows go to the next that is drawn. */
export function MatrixPicture({ matrix, at, onMove, onClose }: Props) {
  const kitId = useDraft((draft) => draft.kitId);
  const { cells } = matrix;
  const cell = cells[at]!;
  const drawn = cells.flatMap(({ state }, index) => (state.kind === 'done' ? [index] : []));
  const place = drawn.indexOf(at);
  const move = (by: -1 | 1) => {
    const next = drawn[place + by];
    if (next !== undefined) onMove(next);
  };
  if (cell.state.kind !== 'done') return null;
  const size = cell.request ?? { widthPx: 1, heightPx: 1 };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/50" />
        <Dialog.Popup
          className="fixed inset-x-0 bottom-0 z-50 mx-auto flex max-h-[94dvh] max-w-2xl flex-col rounded-t-2xl bg-panel shadow-pop ring-1 ring-line outline-none sm:inset-x-4 sm:top-1/2 sm:bottom-auto sm:-translate-y-1/2 sm:rounded-2xl forced-colors:border"
          onKeyDown={(event) => {
            if (event.key === 'ArrowLeft') move(-1);
            if (event.key === 'ArrowRight') move(1);
          }}
        >
          <div className="flex items-center justify-between gap-3 border-b border-line py-3 pr-2 pl-5">
            <div className="min-w-0">
              <Dialog.Title className="truncate text-base font-semibold">{cell.kitName}</Dialog.Title>
              <Dialog.Description className="truncate text-xs text-faint">
                “{matrix.prompt}”, seed {cell.seed}
              </Dialog.Description>
            </div>
            <Dialog.Close render={<IconButton label="Close picture" />}>
              <X size={16} aria-hidden="true" />
            </Dialog.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto p-5">
            <img
              src={cell.state.url}
              alt={`${matrix.prompt}, ${cell.kitName}, seed ${cell.seed}`}
              className="mx-auto max-h-[60dvh] w-full rounded-xl object-contain"
              style={{ aspectRatio: `${size.widthPx} / ${size.heightPx}` }}
            />
          </div>
          <div className="flex flex-wrap items-center gap-2 border-t border-line px-5 py-3">
            <IconButton label="The one before" disabled={place <= 0} onClick={() => move(-1)}>
              <ChevronLeft size={16} aria-hidden="true" />
            </IconButton>
            <IconButton label="The next one" disabled={place === drawn.length - 1} onClick={() => move(1)}>
              <ChevronRight size={16} aria-hidden="true" />
            </IconButton>
            <div className="ml-auto flex flex-wrap gap-2">
              <Button disabled={kitId === cell.kitId} onClick={() => chooseKit(cell.kitId)}>
                {kitId === cell.kitId ? 'In use' : cell.kitId === '' ? 'Use no kit' : 'Use this kit'}
              </Button>
              <Button
                look="primary"
                icon={
                  cell.keptId === null ? (
                    <ImagePlus size={14} aria-hidden="true" />
                  ) : (
                    <Check size={14} aria-hidden="true" />
                  )
                }
                disabled={cell.keptId !== null}
                onClick={() => void keepCell(at)}
              >
                {cell.keptId === null ? 'Keep in the gallery' : 'In the gallery'}
              </Button>
            </div>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
