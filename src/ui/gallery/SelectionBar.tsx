import { Columns2, FolderMinus, FolderPlus, PackageOpen, Plus, Star, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import type { GalleryEntry } from '#core/gallery/search.ts';
import { clearSelection, selectAll } from '#state/actions/browse-gallery.ts';
import { createBoard, putOnBoard, takeFromBoard } from '#state/actions/edit-boards.ts';
import { exportPictures } from '#state/actions/export-pictures.ts';
import { openCompare } from '#state/actions/open-compare.ts';
import { zipPictures } from '#state/actions/zip-pictures.ts';
import { removePictures } from '#state/actions/remove-pictures.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { toggleStars } from '#state/actions/star-pictures.ts';
import { useBrowse } from '#state/browse.ts';
import { usePictures } from '#state/pictures.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { Menu, type MenuEntry } from '#ui/kit/Menu.tsx';
import { BoardName } from './Filters.tsx';

/** What one can do with the pictures that are chosen. There only while some are. */
export function SelectionBar({ found }: { found: readonly GalleryEntry[] }) {
  const { ids } = useBrowse((state) => state.selection);
  const task = useBrowse((state) => state.task);
  const shownBoard = useBrowse((state) => state.query.board);
  const boards = usePictures((state) => state.boards);
  const [isNaming, setNaming] = useState(false);
  const chosen = [...ids];
  const put = (id: string, name: string) => {
    void putOnBoard(id, chosen).then(() =>
      showToast({ text: `Added to ${name}.`, tone: 'plain', action: null }),
    );
  };
  const onto: MenuEntry[] = boards.map(({ id, name }) => ({
    id,
    label: name,
    onChoose: () => put(id, name),
  }));
  const fresh: MenuEntry = {
    id: 'new',
    label: 'New board…',
    icon: <Plus size={15} aria-hidden="true" />,
    onChoose: () => setNaming(true),
  };
  return (
    <>
      <output className="sr-only">{ids.size === 0 ? '' : `${ids.size} selected.`}</output>
      {ids.size > 0 && (
        <section
          aria-label="Selected pictures"
          className="sticky bottom-3 z-20 mx-auto -mt-16 mb-3 flex shrink-0 w-fit max-w-[calc(100%-1.5rem)] flex-wrap items-center gap-1 rounded-2xl bg-raised p-1.5 shadow-pop ring-1 ring-line forced-colors:border"
        >
          <IconButton label="Clear the selection" onClick={clearSelection}>
            <X size={16} aria-hidden="true" />
          </IconButton>
          <span className="pr-2 text-sm font-medium tabular-nums">{ids.size} selected</span>
          {isNaming ? (
            <BoardName
              given=""
              onDone={(given) => {
                setNaming(false);
                if (given !== null)
                  void createBoard(given).then((board) => board && put(board.id, board.name));
              }}
            />
          ) : (
            <>
              {ids.size < found.length && (
                <Button look="quiet" onClick={() => selectAll()}>
                  <span>
                    All<span className="max-sm:sr-only"> {found.length}</span>
                  </span>
                </Button>
              )}
              <Button
                look="quiet"
                aria-keyshortcuts="S"
                icon={<Star size={15} aria-hidden="true" />}
                onClick={() => void toggleStars(chosen)}
              >
                <span className="max-sm:sr-only">Star</span>
              </Button>
              <Menu
                label="Boards"
                groups={[onto, [fresh]]}
                trigger={
                  <Button look="quiet" icon={<FolderPlus size={15} aria-hidden="true" />}>
                    <span className="max-sm:sr-only">Board</span>
                  </Button>
                }
              />
              {shownBoard !== null && (
                <Button
                  look="quiet"
                  icon={<FolderMinus size={15} aria-hidden="true" />}
                  onClick={() => void takeFromBoard(shownBoard, chosen)}
                >
                  <span className="max-sm:sr-only">Off this board</span>
                </Button>
              )}
              <Button
                look="quiet"
                disabled={chosen.length < 2}
                title={chosen.length < 2 ? 'Choose two or more.' : undefined}
                icon={<Columns2 size={15} aria-hidden="true" />}
                onClick={() => void openCompare(chosen)}
              >
                <span className="max-sm:sr-only">Compare</span>
              </Button>
              <Menu
                label="Export"
                groups={[outOf(chosen)]}
                trigger={
                  <Button
                    look="quiet"
                    disabled={task !== null}
                    icon={<PackageOpen size={15} aria-hidden="true" />}
                  >
                    <span className="max-sm:sr-only">Export</span>
                  </Button>
                }
              />
              <Button
                look="quiet"
                disabled={task !== null}
                className="hover:text-danger"
                aria-keyshortcuts="Delete"
                icon={<Trash2 size={15} aria-hidden="true" />}
                onClick={() => void removePictures(chosen)}
              >
                <span className="max-sm:sr-only">Delete</span>
              </Button>
            </>
          )}
        </section>
      )}
    </>
  );
}

/** Ways out of the gallery. */
function outOf(ids: readonly string[]): MenuEntry[] {
  return [
    { id: 'zip', label: 'Zip of the files as they are', onChoose: () => void zipPictures(ids) },
    { id: 'as', label: 'As PNG, JPEG or WebP…', onChoose: () => exportPictures(ids) },
  ];
}
