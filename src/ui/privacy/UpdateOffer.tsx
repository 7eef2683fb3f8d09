import { RefreshCw } from 'lucide-react';
import { applyUpdate } from '#state/actions/apply-update.ts';
import { useNetwork } from '#state/network.ts';
import { isRunning, useRun } from '#state/run.ts';
import { Button } from '#ui/kit/Button.tsx';

/** A newer version waits until someone takes it, and never while a picture is being made. */
export function UpdateOffer() {
  const isUpdateReady = useNetwork((state) => state.isUpdateReady);
  const isBusy = useRun(isRunning);
  return (
    <output aria-live="polite" className="block">
      {isUpdateReady && (
        <span className="flex items-center gap-3 border-b border-line bg-ember-wash py-1 pr-2 pl-4 text-xs">
          <RefreshCw size={14} aria-hidden="true" className="shrink-0 text-ember-ink" />
          <span className="min-w-0 flex-1">
            {isBusy
              ? 'A new version of the studio is ready. It waits until this run has ended.'
              : 'A new version of the studio is ready.'}
          </span>
          <Button disabled={isBusy} onClick={applyUpdate}>
            Update
          </Button>
        </span>
      )}
    </output>
  );
}
