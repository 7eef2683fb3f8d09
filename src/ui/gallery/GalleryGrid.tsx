import { useVirtualizer } from '@tanstack/react-virtual';
import { Check, Star } from 'lucide-react';
import {
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import {
  clearSelection,
  focusTile,
  selectAll,
  selectTo,
  toggleSelected,
} from '#state/actions/browse-gallery.ts';
import { knownThumbnail, loadThumbnail } from '#state/actions/load-thumbnail.ts';
import { openFromGallery } from '#state/actions/open-from-gallery.ts';
import { removePictures } from '#state/actions/remove-pictures.ts';
import { toggleStars } from '#state/actions/star-pictures.ts';
import { type Density, useBrowse } from '#state/browse.ts';
import type { PictureEntry } from '#state/pictures.ts';
import { useIsVeiled } from '#ui/safety/Veil.tsx';

/** Widest tile of each density, in pixels. */
const TILE_PX: Record<Density, number> = { small: 104, medium: 168, large: 280 };
const GAP_PX = 8;

const optionId = (id: string) => `picture-${id}`;

/** The pictures that were found, as rows of which only those in sight exist. One tab stop; the arrows walk. */
export function GalleryGrid({
  found,
  scroller,
}: {
  found: readonly PictureEntry[];
  scroller: RefObject<HTMLElement | null>;
}) {
  const density = useBrowse((state) => state.density);
  const selection = useBrowse((state) => state.selection);
  const focusId = useBrowse((state) => state.focusId);
  const list = useRef<HTMLDivElement>(null);
  const widthPx = useWidth(list);
  const [offsetPx, setOffset] = useState(0);
  useLayoutEffect(() => setOffset(list.current?.offsetTop ?? 0), [widthPx]);
  const columns = Math.max(2, Math.ceil((widthPx + GAP_PX) / (TILE_PX[density] + GAP_PX)));
  const sidePx = (widthPx - GAP_PX * (columns - 1)) / columns;
  // oxlint-disable-next-line react/incompatible-library -- its answers are read in this very component
  const rows = useVirtualizer({
    count: widthPx === 0 ? 0 : Math.ceil(found.length / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => sidePx + GAP_PX,
    overscan: 3,
    // Rows that come a frame later than the scroll are rows beyond the overscan: cheaper than rendering inside its event.
    useFlushSync: false,
    scrollMargin: offsetPx,
    // What sticks to the bottom while something is chosen must not hide the tile that has the focus.
    scrollPaddingEnd: 72,
    scrollPaddingStart: 16,
    initialOffset: useBrowse.getState().scrolledTo,
    onChange: ({ scrollOffset }) => useBrowse.setState({ scrolledTo: scrollOffset ?? 0 }),
  });
  useEffect(() => rows.measure(), [rows, sidePx]);

  const at = Math.max(
    0,
    found.findIndex(({ id }) => id === focusId),
  );
  const current = found[at];
  const walk = (to: number, isExtending: boolean) => {
    const target = found[Math.max(0, Math.min(found.length - 1, to))];
    if (target === undefined) return;
    if (isExtending) {
      if (selection.anchor === null && current) toggleSelected(current.id);
      selectTo(target.id);
    } else focusTile(target.id);
    rows.scrollToIndex(Math.floor(found.indexOf(target) / columns));
  };
  const chosen = () => (selection.ids.size > 0 ? [...selection.ids] : current ? [current.id] : []);
  const key = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / (sidePx + GAP_PX)) - 1);
    const to = TARGETS[event.key]?.(at, columns, page * columns, found.length);
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (to !== undefined) walk(to, event.shiftKey);
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) selectAll();
    else if (event.key === ' ' && current) toggleSelected(current.id);
    else if (event.key === 'Enter' && current) void openFromGallery(current.id);
    else if (event.key.toLowerCase() === 's' && isPlain) void toggleStars(chosen());
    else if (event.key === 'Delete' || event.key === 'Backspace') {
      const gone = new Set(chosen());
      const next =
        found.slice(at).find(({ id }) => !gone.has(id)) ?? found.findLast(({ id }) => !gone.has(id));
      void removePictures([...gone]);
      if (next) focusTile(next.id);
    } else if (event.key === 'Escape' && selection.ids.size > 0) clearSelection();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const click = (event: MouseEvent) => {
    const target = event.target as Element;
    const id = target.closest<HTMLElement>('[data-picture]')?.dataset['picture'];
    if (id === undefined) return;
    if (event.shiftKey) selectTo(id);
    else if (event.ctrlKey || event.metaKey || selection.ids.size > 0) toggleSelected(id);
    else if (target.closest('[data-check]') !== null) toggleSelected(id);
    else void openFromGallery(id);
  };

  const shown = rows.getVirtualItems();
  const isCurrentShown = shown.some(({ index }) => index === Math.floor(at / columns));
  return (
    <div
      ref={list}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a list of pictures is not a <select>
      role="listbox"
      aria-label="Pictures"
      aria-multiselectable="true"
      aria-activedescendant={current && isCurrentShown ? optionId(current.id) : undefined}
      tabIndex={0}
      className="group/list relative rounded-lg outline-none"
      style={{ height: `${rows.getTotalSize()}px` }}
      onKeyDown={key}
      onClick={click}
    >
      {shown.map((row) => (
        <div
          key={row.key}
          // Rows are only for the eye.
          role="none"
          className="absolute inset-x-0 top-0 grid"
          style={{
            height: `${sidePx}px`,
            gap: `${GAP_PX}px`,
            gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
            transform: `translateY(${row.start - offsetPx}px)`,
          }}
        >
          {found.slice(row.index * columns, (row.index + 1) * columns).map((entry, column) => (
            <Tile
              key={entry.id}
              entry={entry}
              place={row.index * columns + column + 1}
              count={found.length}
              isSelected={selection.ids.has(entry.id)}
              isCurrent={entry.id === current?.id}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

const TARGETS: Record<string, (at: number, columns: number, page: number, count: number) => number> = {
  ArrowRight: (at) => at + 1,
  ArrowLeft: (at) => at - 1,
  ArrowDown: (at, columns) => at + columns,
  ArrowUp: (at, columns) => at - columns,
  PageDown: (at, _columns, page) => at + page,
  PageUp: (at, _columns, page) => at - page,
  Home: () => 0,
  End: (_at, _columns, _page, count) => count - 1,
};

interface TileProps {
  entry: PictureEntry;
  place: number;
  count: number;
  isSelected: boolean;
  isCurrent: boolean;
}

const Tile = memo(function Tile({ entry, place, count, isSelected, isCurrent }: TileProps) {
  const { id, isStarred } = entry;
  return (
    <div
      id={optionId(id)}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an option of the list of pictures
      role="option"
      aria-selected={isSelected}
      aria-label={nameOf(entry)}
      aria-setsize={count}
      aria-posinset={place}
      data-picture={id}
      className={`group/tile relative cursor-pointer overflow-hidden rounded-lg bg-well forced-colors:border ${isSelected ? 'ring-3 ring-ember forced-colors:outline-2' : 'ring-1 ring-line'} ${isCurrent ? 'group-focus-visible/list:outline-2 group-focus-visible/list:outline-offset-2 group-focus-visible/list:outline-ember' : ''}`}
    >
      <Face id={id} isVeiled={useIsVeiled(entry)} />
      <span
        data-check=""
        aria-hidden="true"
        className={`absolute top-0 left-0 flex size-9 items-center justify-center transition-opacity pointer-coarse:size-11 ${isSelected ? '' : 'opacity-0 group-hover/tile:opacity-100 pointer-coarse:opacity-100'}`}
      >
        <span
          className={`flex size-5 items-center justify-center rounded-full ${isSelected ? 'bg-ember text-on-ember' : 'bg-black/45 text-white ring-1 ring-white/80'}`}
        >
          {isSelected && <Check size={13} strokeWidth={3} />}
        </span>
      </span>
      {isStarred && (
        <span
          aria-hidden="true"
          className="absolute right-1.5 bottom-1.5 flex size-5 items-center justify-center rounded-full bg-black/55 text-white"
        >
          <Star size={12} fill="currentColor" />
        </span>
      )}
    </div>
  );
});

/** What it shows as far as anyone said, else its prompt. */
function nameOf({ prompt, alt, seed, isStarred, isImported }: PictureEntry): string {
  const what = prompt !== '' ? `${prompt}, seed ${seed}` : alt !== '' ? alt : 'Picture without words';
  return [what, isStarred ? 'starred' : null, isImported ? 'imported' : null]
    .filter((part) => part !== null)
    .join(', ');
}

/** Its thumbnail, read when the tile comes near. */
function Face({ id, isVeiled }: { id: string; isVeiled: boolean }) {
  const [url, setUrl] = useState(() => knownThumbnail(id));
  useEffect(() => {
    const gone = new AbortController();
    void loadThumbnail(id, gone.signal).then((read) => {
      if (!gone.signal.aborted) setUrl(read);
    });
    return () => gone.abort();
  }, [id]);
  if (url === null) return null;
  return (
    <img
      src={url}
      alt=""
      decoding="async"
      draggable={false}
      className={`absolute inset-0 h-full w-full object-cover ${isVeiled ? 'blur-lg' : ''}`}
    />
  );
}

function useWidth(ref: RefObject<HTMLElement | null>): number {
  const [widthPx, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const measure = () => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return widthPx;
}
