import { type ComponentType, Suspense, lazy } from 'react';
import { hideOverlay } from '#state/actions/show-overlay.ts';
import { type Overlay, useOverlay } from '#state/overlay.ts';

/** The dialogs that any page may call for, each fetched when it is first opened. */
const DIALOGS: Record<Overlay['kind'], ComponentType<{ onClose: () => void }>> = {
  describe: lazy(async () => ({
    default: (await import('./describe/DescribeDialog.tsx')).DescribeDialog,
  })),
  palette: lazy(async () => ({ default: (await import('./palette/Palette.tsx')).Palette })),
  styles: lazy(async () => ({ default: (await import('./prompt/StylesDialog.tsx')).StylesDialog })),
  lists: lazy(async () => ({ default: (await import('./prompt/ListsDialog.tsx')).ListsDialog })),
  earlier: lazy(async () => ({ default: (await import('./prompt/EarlierDialog.tsx')).EarlierDialog })),
  export: lazy(async () => ({ default: (await import('./export/ExportDialog.tsx')).ExportDialog })),
  shortcuts: lazy(async () => ({ default: (await import('./ShortcutsDialog.tsx')).ShortcutsDialog })),
};

export function Overlays() {
  const kind = useOverlay(({ overlay }) => overlay?.kind ?? null);
  if (kind === null) return null;
  const Dialog = DIALOGS[kind];
  return (
    <Suspense fallback={null}>
      <Dialog onClose={hideOverlay} />
    </Suspense>
  );
}
