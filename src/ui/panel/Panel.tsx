import { MODIFIER_KEY } from '#ui/kit/platform.ts';
import { KitSlot } from '#ui/kits/KitSlot.tsx';
import { SentLine } from '#ui/kits/SentLine.tsx';
import { QueueBar } from '#ui/queue/QueueBar.tsx';
import { CancelButton, FormProblem, GenerateButton } from './GenerateBar.tsx';
import { Progress } from './Progress.tsx';
import { PromptField } from './PromptFields.tsx';
import { SettingsFields } from './SettingsFields.tsx';

/** Beside the stage of a wide window: the prompt on top, Generate always in reach below. */
export function Panel() {
  return (
    <section
      aria-label="Settings"
      className="flex min-h-0 w-80 shrink-0 flex-col border-r border-line bg-panel xl:w-[22rem]"
    >
      <div className="min-h-0 flex-1 scroll-pb-4 overflow-y-auto">
        <div className="px-4 pt-3 pb-4">
          <KitSlot />
          <PromptField />
          <SentLine />
        </div>
        <div className="border-t border-line">
          <SettingsFields />
        </div>
      </div>
      <div className="border-t border-line p-4">
        <FormProblem />
        <QueueBar />
        <Progress className="mb-3" />
        <div className="flex gap-2">
          <GenerateButton className="flex-1" />
          <CancelButton />
        </div>
        <p className="mt-2 text-center text-2xs text-faint pointer-coarse:hidden">
          <kbd className="font-sans">{MODIFIER_KEY} + Enter</kbd> generates,{' '}
          <kbd className="font-sans">Esc</kbd> cancels
        </p>
      </div>
    </section>
  );
}
