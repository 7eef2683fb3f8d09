import { Boxes, Images, PanelLeft } from 'lucide-react';
import { Suspense, lazy } from 'react';
import { foldPanel } from '#state/actions/fold-panel.ts';
import { closeLibrary, openLibrary } from '#state/actions/open-library.ts';
import { showPage } from '#state/actions/show-page.ts';
import { useLibrary } from '#state/library.ts';
import { usePage } from '#state/page.ts';
import { usePreferences } from '#state/preferences.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { NARROW, WIDE, useMedia } from '#ui/kit/use-media.ts';
import { Mark } from './Mark.tsx';

// Popovers bring their placement code with them; the first paint does not wait for it.
const DevicePopover = lazy(async () => ({ default: (await import('./DevicePopover.tsx')).DevicePopover }));
const NetworkPopover = lazy(async () => ({
  default: (await import('#ui/privacy/NetworkPopover.tsx')).NetworkPopover,
}));
const CompareMenu = lazy(async () => ({ default: (await import('./CompareMenu.tsx')).CompareMenu }));
const ReadingPopover = lazy(async () => ({ default: (await import('./ReadingPopover.tsx')).ReadingPopover }));
const MorePopover = lazy(async () => ({ default: (await import('./MorePopover.tsx')).MorePopover }));
const ThemePopover = lazy(async () => ({ default: (await import('./ThemePopover.tsx')).ThemePopover }));

export function Header() {
  const isWide = useMedia(WIDE);
  const isNarrow = useMedia(NARROW);
  const isPanelFolded = usePreferences((preferences) => preferences.isPanelFolded);
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line bg-panel pr-1 pl-3 sm:pr-2 sm:pl-4 pointer-coarse:h-14">
      <h1 className="flex items-center gap-2 text-base font-semibold tracking-tight">
        <Mark size={18} />
        Kiln
      </h1>
      {isWide && (
        <IconButton
          label={isPanelFolded ? 'Show settings panel' : 'Hide settings panel'}
          className="ml-2"
          onClick={() => foldPanel(!isPanelFolded)}
        >
          <PanelLeft size={16} aria-hidden="true" />
        </IconButton>
      )}
      <div className="ml-auto flex items-center sm:gap-1">
        <GalleryButton />
        <ModelsButton />
        <Suspense fallback={null}>
          <CompareMenu />
          <DevicePopover />
          {isNarrow ? (
            <MorePopover />
          ) : (
            <>
              <ReadingPopover />
              <NetworkPopover />
              <ThemePopover />
            </>
          )}
        </Suspense>
      </div>
    </header>
  );
}

/** Opens and closes the gallery; on a phone it is its sign alone. */
function GalleryButton() {
  const isOpen = usePage(({ page }) => page === 'gallery');
  return (
    <Button
      look="quiet"
      aria-pressed={isOpen}
      className="max-sm:px-2 aria-pressed:bg-ember-wash aria-pressed:text-ember-ink"
      icon={<Images size={16} aria-hidden="true" />}
      onClick={() => showPage(isOpen ? 'stage' : 'gallery')}
    >
      <span className="max-sm:sr-only">Gallery</span>
    </Button>
  );
}

/** Opens and closes the library; on a phone it is its sign alone. */
function ModelsButton() {
  const isOpen = usePage(({ page }) => page === 'library');
  const arriving = useLibrary(({ installing }) => installing.length);
  return (
    <Button
      look="quiet"
      aria-pressed={isOpen}
      className="max-sm:px-2 aria-pressed:bg-ember-wash aria-pressed:text-ember-ink"
      icon={<Boxes size={16} aria-hidden="true" />}
      onClick={isOpen ? closeLibrary : openLibrary}
    >
      <span className="max-sm:sr-only">Models</span>
      {arriving > 0 && (
        <span className="rounded-full bg-ember px-1.5 text-2xs font-semibold text-on-ember tabular-nums">
          {arriving}
          <span className="sr-only"> on their way</span>
        </span>
      )}
    </Button>
  );
}
