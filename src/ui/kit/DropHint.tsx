import type { ReactNode } from 'react';

/** Over the whole window while files are dragged: what a drop does here. */
export function DropHint({ icon, children }: { icon: ReactNode; children: string }) {
  return (
    <div className="pointer-events-none fixed inset-0 z-50 flex items-center justify-center bg-canvas/85 p-4">
      <div className="flex items-center gap-3 rounded-2xl border-2 border-dashed border-ember bg-panel px-8 py-6 text-base font-medium">
        <span aria-hidden="true" className="text-ember-ink">
          {icon}
        </span>
        {children}
      </div>
    </div>
  );
}
