import { ImageDown } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { openFiles } from '#state/actions/open-file.ts';
import { useRecall } from '#state/recall.ts';
import { DropHint } from '#ui/kit/DropHint.tsx';

const RecallDialog = lazy(async () => ({
  default: (await import('#ui/recall/RecallDialog.tsx')).RecallDialog,
}));

/** The whole window takes pictures, and adapters. Paste does the same from the keyboard. */
export function DropTarget() {
  const [isOver, setOver] = useState(false);
  const hasPicture = useRecall((state) => state.picture !== null);
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const take = (event: Event, files: FileList | undefined) => {
      if (files === undefined || files.length === 0) return;
      event.preventDefault();
      void openFiles([...files]);
    };
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
      setOver(false);
      take(event, event.dataTransfer?.files);
    };
    const paste = (event: ClipboardEvent) => {
      take(event, event.clipboardData?.files);
    };
    addEventListener('dragover', over, { signal });
    addEventListener('dragleave', leave, { signal });
    addEventListener('drop', drop, { signal });
    addEventListener('paste', paste, { signal });
    return () => ending.abort();
  }, []);
  if (hasPicture && !isOver) {
    return (
      <Suspense fallback={null}>
        <RecallDialog />
      </Suspense>
    );
  }
  if (!isOver) return null;
  return (
    <DropHint icon={<ImageDown size={20} />}>
      Drop a picture to use its settings, or an adapter to add it
    </DropHint>
  );
}
