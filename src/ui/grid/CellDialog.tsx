import { Dialog } from '@base-ui/react/dialog';
import { ChevronLeft, ChevronRight, X } from 'lucide-react';
import { openPicture } from '#state/actions/open-picture.ts';
import { placeName } from '#state/actions/export-grid.ts';
import { keepCell } from '#state/actions/run-grid.ts';
import { reuseSettings } from '#state/actions/reuse-settings.ts';
import { showPage } from '#state/actions/show-page.ts';
import type { Grid } from '#state/grid.ts';
import { formatDuration } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';

interface Props {
  grid: Grid;
  index: number;
  onMove: (index: number) => void;
  onClose: () => void;
}

/** One picture of a grid, large. */
export function CellDialog({ grid, index, onMove, onClose }: Props) {
  const cell = grid.cells[index];
  if (cell?.state.kind !== 'done') return null;
  const { state, request } = cell;
  const next = (step: 1 | -1) => {
    for (let at = index + step; at >= 0 && at < grid.cells.length; at += step)
      if (grid.cells[at]?.state.kind === 'done') return at;
    return null;
  };
  const [before, after] = [next(-1), next(1)];
  const move = (to: number | null) => {
    if (to !== null) onMove(to);
  };
  const goTo = async (use: (id: string) => unknown) => {
    const id = await keepCell(index);
    if (id === null) return;
    await use(id);
    showPage('stage');
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/50" />
        <Dialog.Popup
          className="fixed inset-x-0 bottom-0 z-50 mx-auto flex max-h-[96dvh] max-w-3xl flex-col rounded-t-2xl bg-panel shadow-pop ring-1 ring-line outline-none sm:inset-x-4 sm:top-1/2 sm:bottom-auto sm:-translate-y-1/2 sm:rounded-2xl forced-colors:border"
          onKeyDown={(event) => {
            if (event.key === 'ArrowLeft') move(before);
            if (event.key === 'ArrowRight') move(after);
          }}
        >
          <div className="flex items-start justify-between gap-3 border-b border-line py-3 pr-2 pl-5">
            <div className="min-w-0">
              <Dialog.Title className="truncate text-base font-semibold">
                {placeName(grid, cell)}
              </Dialog.Title>
              <Dialog.Description className="text-xs text-faint">
                Seed {request.seed}, {request.steps} {request.steps === 1 ? 'step' : 'steps'},{' '}
                {formatDuration(state.elapsedMs)}
              </Dialog.Description>
            </div>
            <Dialog.Close render={<IconButton label="Close" />}>
              <X size={16} aria-hidden="true" />
            </Dialog.Close>
          </div>
          <div className="flex min-h-0 flex-1 items-center justify-center gap-2 overflow-y-auto p-3">
            <IconButton label="Previous picture" disabled={before === null} onClick={() => move(before)}>
              <ChevronLeft size={18} aria-hidden="true" />
            </IconButton>
            <img
              src={state.url}
              alt={`${request.prompt}, ${placeName(grid, cell)}`}
              width={request.widthPx}
              height={request.heightPx}
              className="h-auto max-h-[64dvh] w-full max-w-[64dvh] min-w-0 rounded-xl bg-well object-contain"
            />
            <IconButton label="Next picture" disabled={after === null} onClick={() => move(after)}>
              <ChevronRight size={18} aria-hidden="true" />
            </IconButton>
          </div>
          <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">
            <Button disabled={state.keptId !== null} onClick={() => void keepCell(index)}>
              {state.keptId === null ? 'Keep' : 'In the gallery'}
            </Button>
            <Button onClick={() => void goTo(reuseSettings)}>Keep and use settings</Button>
            <Button look="primary" onClick={() => void goTo(openPicture)}>
              Keep and open
            </Button>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
