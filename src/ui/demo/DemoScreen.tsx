import { LogOut } from 'lucide-react';
import { useCallback, useState } from 'react';
import { cancel } from '#state/actions/cancel.ts';
import { resetDemo } from '#state/actions/reset-demo.ts';
import { useGallery } from '#state/gallery.ts';
import { isRunning, useRun } from '#state/run.ts';
import { Announcer } from '#ui/feedback/Announcer.tsx';
import { Mark } from '#ui/header/Mark.tsx';
import { Button } from '#ui/kit/Button.tsx';
import { DemoPrompts } from './DemoPrompts.tsx';
import { DemoStage } from './DemoStage.tsx';
import { useIdleCountdown } from './use-idle-countdown.ts';

/** From here on the countdown is also spoken, once. */
const WARN_S = 20;

/**
 * The studio on a stand: choose a prompt, watch the picture form. It keeps nothing, and starts over by itself
 * when nobody is there.
 */
export function DemoScreen() {
  const isBusy = useRun(isRunning);
  const [turn, setTurn] = useState(0);
  // Also a failure, or a run that was cancelled, is something the next visitor should not find.
  const isUsed = useGallery((state) => state.view !== null);
  const startOver = useCallback(() => {
    void resetDemo();
    setTurn((before) => before + 1);
  }, []);
  const secondsLeft = useIdleCountdown(isUsed && !isBusy, startOver);
  return (
    <div className="flex min-h-dvh flex-col lg:h-dvh">
      <header className="flex h-16 shrink-0 items-center gap-3 border-b border-line bg-panel px-4 lg:px-8">
        <h1 className="flex items-center gap-3 text-lg font-semibold tracking-tight">
          <Mark size={24} />
          Kiln
        </h1>
        <a
          href={import.meta.env.BASE_URL}
          className="control ml-auto inline-flex items-center gap-2 rounded-lg px-3 text-sm font-medium text-soft hover:bg-hover hover:text-ink"
        >
          <LogOut size={16} aria-hidden="true" />
          Leave the demo
        </a>
      </header>
      <main className="mx-auto flex min-h-0 w-full max-w-[110rem] flex-1 flex-col gap-6 p-4 lg:flex-row lg:gap-10 lg:p-10">
        <DemoStage />
        <div className="flex flex-col justify-center gap-6 lg:w-[min(40%,36rem)]">
          <DemoPrompts key={turn} />
          <div className="flex min-h-11 flex-wrap items-center justify-between gap-3 text-base text-soft">
            <p>Made on this device. Nothing is sent, nothing is kept.</p>
            {isBusy && <Button onClick={cancel}>Cancel</Button>}
            {isUsed && !isBusy && (
              <p className="flex items-center gap-3 tabular-nums">
                Starts over in {secondsLeft} s<Button onClick={startOver}>Start over</Button>
              </p>
            )}
          </div>
        </div>
      </main>
      <output aria-live="polite" className="sr-only">
        {isUsed && !isBusy && secondsLeft <= WARN_S
          ? `The demo starts over in ${WARN_S} seconds unless you touch something.`
          : ''}
      </output>
      <Announcer />
    </div>
  );
}
