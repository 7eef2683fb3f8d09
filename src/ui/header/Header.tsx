import { PanelLeft } from 'lucide-react';
import { Suspense, lazy } from 'react';
import { foldPanel } from '#state/actions/fold-panel.ts';
import { usePreferences } from '#state/preferences.ts';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { WIDE, useMedia } from '#ui/kit/use-media.ts';
import { Mark } from './Mark.tsx';

// Popovers bring their placement code with them; the first paint does not wait for it.
const DevicePopover = lazy(async () => ({ default: (await import('./DevicePopover.tsx')).DevicePopover }));
const ThemePopover = lazy(async () => ({ default: (await import('./ThemePopover.tsx')).ThemePopover }));

export function Header() {
  const isWide = useMedia(WIDE);
  const isPanelFolded = usePreferences((preferences) => preferences.isPanelFolded);
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line bg-panel pr-2 pl-4 pointer-coarse:h-14">
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
      <div className="ml-auto flex items-center gap-1">
        <Suspense fallback={null}>
          <DevicePopover />
          <ThemePopover />
        </Suspense>
      </div>
    </header>
  );
}
