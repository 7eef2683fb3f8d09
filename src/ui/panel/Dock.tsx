import { SlidersHorizontal } from 'lucide-react';
import { Suspense, lazy, useState } from 'react';
import { QueueBar } from '#ui/queue/QueueBar.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { CancelButton, FormProblem, GenerateButton } from './GenerateBar.tsx';
import { Progress } from './Progress.tsx';
import { PromptField } from './PromptFields.tsx';

const SettingsSheet = lazy(async () => ({ default: (await import('./SettingsSheet.tsx')).SettingsSheet }));

/** Where there is no room for the panel: the prompt and Generate at the bottom, the rest in a sheet. */
export function Dock() {
  const [isSheetOpen, setSheetOpen] = useState(false);
  return (
    <section
      aria-label="Create"
      className="border-t border-line bg-panel px-3 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]"
    >
      <div className="mx-auto max-w-3xl">
        <FormProblem />
        <QueueBar />
        <Progress className="mb-3" />
        <div className="flex flex-wrap items-end gap-2 sm:flex-nowrap">
          <div className="min-w-full flex-1 sm:min-w-0">
            <PromptField isCompact />
          </div>
          <IconButton
            label="Settings"
            className="h-11 ring-1 ring-line ring-inset"
            aria-haspopup="dialog"
            onClick={() => setSheetOpen(true)}
          >
            <SlidersHorizontal size={16} aria-hidden="true" />
          </IconButton>
          <GenerateButton className="h-11 max-sm:flex-1" />
          <CancelButton className="h-11" />
        </div>
      </div>
      {isSheetOpen && (
        <Suspense fallback={null}>
          <SettingsSheet onClose={() => setSheetOpen(false)} />
        </Suspense>
      )}
    </section>
  );
}
