import { type ComponentType, Suspense, lazy, useEffect } from 'react';
import { type Page, usePage } from '#state/page.ts';
import { usePreferences } from '#state/preferences.ts';
import { Announcer } from './feedback/Announcer.tsx';
import { DropTarget } from './feedback/DropTarget.tsx';
import { GalleryBanner } from './feedback/GalleryBanner.tsx';
import { ToastShelf } from './feedback/ToastShelf.tsx';
import { Header } from './header/Header.tsx';
import { WIDE, useMedia } from './kit/use-media.ts';
import { Dock } from './panel/Dock.tsx';
import { Overlays } from './Overlays.tsx';
import { Panel } from './panel/Panel.tsx';
import { listenForShortcuts } from './shortcuts.ts';
import { UpdateOffer } from './privacy/UpdateOffer.tsx';
import { Stage } from './stage/Stage.tsx';
import { FilmStrip } from './strip/FilmStrip.tsx';

/** The pages that take the stage's place, each fetched when it is first opened. */
const PAGES: Partial<Record<Page, ComponentType>> = {
  captions: lazy(async () => ({ default: (await import('./captions/CaptionsPage.tsx')).CaptionsPage })),
  gallery: lazy(async () => ({ default: (await import('./gallery/GalleryPage.tsx')).GalleryPage })),
  edit: lazy(async () => ({ default: (await import('./edit/EditPage.tsx')).EditPage })),
  library: lazy(async () => ({ default: (await import('./library/LibraryPage.tsx')).LibraryPage })),
  compare: lazy(async () => ({ default: (await import('./compare/ComparePage.tsx')).ComparePage })),
  kits: lazy(async () => ({ default: (await import('./kits/KitsPage.tsx')).KitsPage })),
  grid: lazy(async () => ({ default: (await import('./grid/GridPage.tsx')).GridPage })),
  paint: lazy(async () => ({ default: (await import('./paint/PaintPage.tsx')).PaintPage })),
  blind: lazy(async () => ({ default: (await import('./blind/BlindPage.tsx')).BlindPage })),
};

export function App() {
  const page = usePage((state) => state.page);
  const Elsewhere = PAGES[page];
  const isWide = useMedia(WIDE);
  const isPanelFolded = usePreferences((preferences) => preferences.isPanelFolded);
  const theme = usePreferences((preferences) => preferences.theme);
  useEffect(() => listenForShortcuts(window), []);
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);

  const hasPanel = isWide && !isPanelFolded;
  return (
    <div className="flex min-h-dvh flex-col lg:h-dvh">
      <Header />
      <GalleryBanner />
      <UpdateOffer />
      {Elsewhere ? (
        <Suspense fallback={null}>
          <Elsewhere />
        </Suspense>
      ) : (
        <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
          {hasPanel && <Panel />}
          <div className="flex min-h-0 min-w-0 flex-1 flex-col">
            <Stage />
            {!hasPanel && (
              <div className="z-10 max-lg:sticky max-lg:bottom-0 [@media(max-height:30rem)]:static">
                {!isWide && <FilmStrip />}
                <Dock />
              </div>
            )}
          </div>
          {isWide && <FilmStrip />}
        </div>
      )}
      <Overlays />
      <ToastShelf />
      <DropTarget />
      <Announcer />
    </div>
  );
}
