import { Images, LoaderCircle } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { openPicture } from '#state/actions/open-picture.ts';
import { removePicture } from '#state/actions/remove-picture.ts';
import { showPage } from '#state/actions/show-page.ts';
import { showRun } from '#state/actions/show-run.ts';
import { type GalleryPicture, useGallery } from '#state/gallery.ts';
import { isRunning, useRun } from '#state/run.ts';
import { Button } from '#ui/kit/Button.tsx';
import { useMedia, WIDE } from '#ui/kit/use-media.ts';

const RUN = 'run';

/**
 * The latest pictures, newest first; the gallery has them all. One tab stop; the arrows walk and show as they go. On a
 * narrow screen it lies on the dock and stays in sight with it, small.
 */
export function FilmStrip() {
  const pictures = useGallery((state) => state.pictures);
  const openId = useGallery((state) =>
    state.view === null ? null : state.view.kind === 'run' ? RUN : state.view.id,
  );
  const hasRun = useRun((state) => isRunning(state) || (state.run !== null && state.run.cells.length > 1));
  const isWide = useMedia(WIDE);
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (openId === null) return;
    list.current
      ?.querySelector(`[data-id="${openId}"]`)
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [openId]);

  if (pictures.length === 0 && !hasRun) return null;
  const ids = [...(hasRun ? [RUN] : []), ...pictures.map((picture) => picture.id)];
  const current = openId !== null && ids.includes(openId) ? openId : ids[0];

  const show = (id: string | undefined) => {
    if (id === undefined) return;
    if (id === RUN) showRun();
    else void openPicture(id);
    list.current?.querySelector<HTMLElement>(`[data-id="${id}"]`)?.focus();
  };
  const walk = (event: KeyboardEvent) => {
    const at = ids.indexOf(current ?? '');
    const to = TARGETS[event.key]?.(at, ids.length);
    if (to !== undefined) show(ids[Math.max(0, Math.min(ids.length - 1, to))]);
    else if ((event.key === 'Delete' || event.key === 'Backspace') && current && current !== RUN) {
      void removePicture(current);
      show(ids[at + 1] ?? ids[at - 1]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <section
      aria-label="Earlier work"
      className="shrink-0 border-line bg-panel max-lg:flex max-lg:border-t lg:w-24 lg:overflow-y-auto lg:border-l"
    >
      <div
        ref={list}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a list of pictures is not a <select>
        role="listbox"
        aria-label="Gallery"
        aria-orientation={isWide ? 'vertical' : 'horizontal'}
        tabIndex={-1}
        className="flex min-w-0 flex-1 gap-2 p-3 max-lg:overflow-x-auto max-lg:overscroll-x-contain max-lg:py-2 lg:flex-col"
        onKeyDown={walk}
      >
        {hasRun && <RunTile isOpen={openId === RUN} isTabStop={current === RUN} />}
        {pictures.map((picture) => (
          <Tile
            key={picture.id}
            picture={picture}
            isOpen={picture.id === openId}
            isTabStop={picture.id === current}
          />
        ))}
      </div>
      <div className="flex shrink-0 items-center border-line max-lg:border-l max-lg:px-1 lg:px-3 lg:pb-3">
        <Button
          look="quiet"
          title="All pictures"
          className="flex-col gap-1 px-1 text-2xs whitespace-normal max-lg:size-12 lg:h-18 lg:w-18"
          icon={<Images size={16} aria-hidden="true" />}
          onClick={() => showPage('gallery')}
        >
          <span className="max-lg:sr-only">All pictures</span>
        </Button>
      </div>
    </section>
  );
}

const TARGETS: Record<string, (at: number, count: number) => number> = {
  ArrowRight: (at) => at + 1,
  ArrowDown: (at) => at + 1,
  ArrowLeft: (at) => at - 1,
  ArrowUp: (at) => at - 1,
  Home: () => 0,
  End: (_at, count) => count - 1,
};

const TILE =
  'relative size-12 shrink-0 lg:size-18 cursor-pointer overflow-hidden rounded-lg bg-well ring-1 ring-line transition-shadow hover:ring-line-strong aria-selected:ring-2 aria-selected:ring-ember forced-colors:aria-selected:outline-2 [content-visibility:auto]';

function Tile({
  picture,
  isOpen,
  isTabStop,
}: {
  picture: GalleryPicture;
  isOpen: boolean;
  isTabStop: boolean;
}) {
  return (
    <div
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an option of the list of pictures
      role="option"
      aria-selected={isOpen}
      aria-label={`${picture.request.prompt}, seed ${picture.seed}`}
      data-id={picture.id}
      tabIndex={isTabStop ? 0 : -1}
      className={TILE}
      onClick={() => void openPicture(picture.id)}
      onKeyDown={(event) => event.key === 'Enter' && void openPicture(picture.id)}
    >
      <img
        src={picture.thumbnailUrl}
        alt=""
        loading="lazy"
        draggable={false}
        className="absolute inset-0 h-full w-full object-cover"
      />
    </div>
  );
}

function RunTile({ isOpen, isTabStop }: { isOpen: boolean; isTabStop: boolean }) {
  const isBusy = useRun(isRunning);
  const count = useRun((state) => state.run?.cells.length ?? 0);
  return (
    <div
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an option of the list of pictures
      role="option"
      aria-selected={isOpen}
      aria-label={isBusy ? 'Current run' : `Contact sheet of ${count} pictures`}
      data-id={RUN}
      tabIndex={isTabStop ? 0 : -1}
      className={`${TILE} flex items-center justify-center text-faint`}
      onClick={showRun}
      onKeyDown={(event) => event.key === 'Enter' && showRun()}
    >
      {isBusy ? (
        <LoaderCircle size={18} aria-hidden="true" className="animate-spin text-ember-ink" />
      ) : (
        <Grid count={count} />
      )}
    </div>
  );
}

/** A contact sheet in small. */
function Grid({ count }: { count: number }) {
  const columns = Math.ceil(Math.sqrt(count));
  return (
    <div
      aria-hidden="true"
      className="grid w-6 gap-0.5 lg:w-9"
      style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
    >
      {Array.from({ length: count }, (_, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- the dots are all alike
        <span key={index} className="aspect-square rounded-xs bg-line-strong" />
      ))}
    </div>
  );
}
