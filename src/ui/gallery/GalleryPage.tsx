import {
  FolderInput,
  ImageDown,
  Images,
  ImagePlus,
  RotateCcw,
  Search,
  SearchX,
  TriangleAlert,
} from 'lucide-react';
import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { findEntries, isWhole } from '#core/gallery/search.ts';
import {
  chooseDensity,
  recallDensity,
  searchGallery,
  showWholeGallery,
} from '#state/actions/browse-gallery.ts';
import { importPictures } from '#state/actions/import-pictures.ts';
import { loadGallery } from '#state/actions/load-gallery.ts';
import { showPage } from '#state/actions/show-page.ts';
import { useBrowse } from '#state/browse.ts';
import { usePictures } from '#state/pictures.ts';
import { failureText } from '#ui/failure-text.ts';
import { Button } from '#ui/kit/Button.tsx';
import { FileButton } from '#ui/kit/FileButton.tsx';
import { DropHint } from '#ui/kit/DropHint.tsx';
import { PageFrame } from '#ui/kit/PageFrame.tsx';
import { Segmented } from '#ui/kit/Segmented.tsx';
import { filesOfTransfer } from './dropped-files.ts';
import { Filters } from './Filters.tsx';
import { GalleryGrid } from './GalleryGrid.tsx';
import { SelectionBar } from './SelectionBar.tsx';
import { StorageLine } from './StorageLine.tsx';
import { TaskPanel } from './TaskPanel.tsx';

/** Every picture of this browser, in place of the stage: found, marked, sorted, taken out and taken in. */
export function GalleryPage() {
  const { status, entries } = usePictures();
  const query = useBrowse((state) => state.query);
  const asked = useDeferredValue(query);
  const found = useMemo(() => findEntries(entries, asked), [entries, asked]);
  const scroller = useRef<HTMLElement>(null);
  const isOver = useFileDrop();
  useEffect(() => {
    recallDensity();
    void loadGallery();
  }, []);
  return (
    <PageFrame
      ref={scroller}
      view="gallery"
      title="Gallery"
      note={status === 'ready' && entries.length > 0 && countText(found.length, entries.length)}
      className="flex flex-col max-lg:h-[calc(100dvh-3.5rem)] max-lg:flex-none"
      column="max-w-[110rem] flex-1 pb-24"
      actions={<ImportButtons />}
      over={
        <>
          <SelectionBar found={found} />
          {isOver && (
            <DropHint icon={<ImageDown size={20} />}>Drop pictures or a folder to bring them in</DropHint>
          )}
        </>
      }
    >
      <div className="-mt-1 flex flex-wrap items-center gap-2">
        <SearchField />
        <Filters entries={entries} />
        <div className="ml-auto">
          <DensityControl />
        </div>
      </div>
      <TaskPanel />
      <div>
        {status === 'failed' ? (
          <Note
            icon={<TriangleAlert size={22} aria-hidden="true" className="text-danger" />}
            title="The gallery could not be read"
            text="The browser did not hand over its storage. Nothing was changed or deleted."
            isAlert
          >
            <Button icon={<RotateCcw size={14} aria-hidden="true" />} onClick={() => void loadGallery()}>
              Try again
            </Button>
          </Note>
        ) : status !== 'ready' && entries.length === 0 ? (
          <Waiting />
        ) : entries.length === 0 ? (
          <Note
            icon={<Images size={22} aria-hidden="true" className="text-ember-ink" />}
            title="No pictures yet"
            text="What you make is kept here, on this device alone. Pictures of other tools can be brought in with their settings: choose them, or drop them here."
          >
            <Button look="primary" onClick={() => showPage('stage')}>
              Make a picture
            </Button>
          </Note>
        ) : found.length === 0 ? (
          <Note
            icon={<SearchX size={22} aria-hidden="true" className="text-faint" />}
            title="Nothing matches"
            text="No picture has all of these words and filters."
          >
            <Button onClick={showWholeGallery}>Show all pictures</Button>
          </Note>
        ) : (
          <GalleryGrid found={found} scroller={scroller} />
        )}
      </div>
      {status === 'ready' && entries.length > 0 && isWhole(query) && <StorageLine entries={entries} />}
    </PageFrame>
  );
}

function countText(found: number, all: number): string {
  const number = new Intl.NumberFormat('en');
  const pictures = all === 1 ? '1 picture' : `${number.format(all)} pictures`;
  return found === all ? pictures : `${number.format(found)} of ${pictures}`;
}

function SearchField() {
  const words = useBrowse((state) => state.query.words);
  return (
    <label className="field control flex min-w-0 flex-1 basis-56 items-center gap-2 px-2.5 sm:max-w-sm">
      <Search size={14} aria-hidden="true" className="shrink-0 text-faint" />
      <span className="sr-only">Search pictures</span>
      <input
        type="search"
        value={words}
        placeholder="Prompt, caption or seed"
        className="min-w-0 flex-1 bg-transparent text-sm outline-none"
        onChange={(event) => searchGallery({ words: event.target.value })}
      />
    </label>
  );
}

function DensityControl() {
  const density = useBrowse((state) => state.density);
  return (
    <Segmented
      label="Size of the tiles"
      value={density}
      options={[
        { id: 'small', name: 'S' },
        { id: 'medium', name: 'M' },
        { id: 'large', name: 'L' },
      ]}
      onChange={chooseDensity}
    />
  );
}

function take(files: Iterable<File>): void {
  void importPictures([...files], (failure) => failureText(failure).happened);
}

function ImportButtons() {
  const isBusy = useBrowse((state) => state.task !== null);
  return (
    <>
      <FileButton
        look="quiet"
        disabled={isBusy}
        icon={<ImagePlus size={15} aria-hidden="true" />}
        filesLabel="Pictures to import"
        accept="image/png,image/jpeg,image/webp"
        takes="many"
        onFiles={take}
      >
        <span className="max-sm:sr-only">Import pictures</span>
      </FileButton>
      <FileButton
        look="quiet"
        disabled={isBusy}
        icon={<FolderInput size={15} aria-hidden="true" />}
        filesLabel="Folder to import"
        takes="folder"
        onFiles={take}
      >
        <span className="max-sm:sr-only">Import folder</span>
      </FileButton>
    </>
  );
}

function Note({
  icon,
  title,
  text,
  isAlert = false,
  children,
}: {
  icon: ReactNode;
  title: string;
  text: string;
  isAlert?: boolean;
  children: ReactNode;
}) {
  return (
    <div
      role={isAlert ? 'alert' : undefined}
      className="mx-auto flex max-w-md flex-col items-center gap-2 py-[12dvh] text-center"
    >
      {icon}
      <h3 className="mt-1 text-base font-semibold">{title}</h3>
      <p className="mb-2 text-soft text-balance">{text}</p>
      {children}
    </div>
  );
}

function Waiting() {
  return (
    <div
      aria-label="Reading the gallery"
      aria-busy="true"
      className="grid grid-cols-[repeat(auto-fill,minmax(10rem,1fr))] gap-2"
    >
      {Array.from({ length: 18 }, (_, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- the tiles are all alike
        <div key={index} className="aspect-square rounded-lg bg-panel ring-1 ring-line" />
      ))}
    </div>
  );
}

/** Files that are dropped while the gallery is open are brought in. */
function useFileDrop(): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const ending = new AbortController();
    const options = { signal: ending.signal, capture: true };
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      // Leaving one element for another is still within the window.
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      setOver(false);
      if (!hasFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      event.stopPropagation();
      void filesOfTransfer(event.dataTransfer).then(take);
    };
    const paste = (event: ClipboardEvent) => {
      const { files } = event.clipboardData ?? {};
      if (files === undefined || files.length === 0) return;
      event.preventDefault();
      event.stopPropagation();
      take(files);
    };
    addEventListener('dragover', over, options);
    addEventListener('dragleave', leave, options);
    addEventListener('drop', drop, options);
    addEventListener('paste', paste, options);
    return () => ending.abort();
  }, []);
  return isOver;
}
