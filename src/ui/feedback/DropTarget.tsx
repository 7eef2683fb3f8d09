import { ImageDown } from 'lucide-react';
import { useEffect, useState } from 'react';
import { recallPicture } from '#state/actions/recall-picture.ts';

/** The whole window takes a PNG: its settings come back into the form. Paste does the same from the keyboard. */
export function DropTarget() {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      // Leaving one element for another is still within the window.
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      const file = event.dataTransfer?.files[0];
      setOver(false);
      if (!file) return;
      event.preventDefault();
      void recallPicture(file);
    };
    const paste = (event: ClipboardEvent) => {
      const file = event.clipboardData?.files[0];
      if (!file) return;
      event.preventDefault();
      void recallPicture(file);
    };
    addEventListener('dragover', over, { signal });
    addEventListener('dragleave', leave, { signal });
    addEventListener('drop', drop, { signal });
    addEventListener('paste', paste, { signal });
    return () => ending.abort();
  }, []);
  if (!isOver) return null;
  return (
    <div className="pointer-events-none fixed inset-0 z-50 flex items-center justify-center bg-canvas/85 p-4">
      <div className="flex items-center gap-3 rounded-2xl border-2 border-dashed border-ember bg-panel px-8 py-6 text-base font-medium">
        <ImageDown size={20} aria-hidden="true" className="text-ember-ink" />
        Drop a PNG to use its settings
      </div>
    </div>
  );
}
