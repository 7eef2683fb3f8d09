import { useId } from 'react';
import { setOfflineSwitch } from '#state/actions/set-offline-switch.ts';
import { useNetwork } from '#state/network.ts';

/** While it is on, the service worker lets no request out. */
export function OfflineSwitch() {
  const isOn = useNetwork((state) => state.isOfflineSwitchOn);
  const isOnline = useNetwork((state) => state.isOnline);
  const blockedCount = useNetwork((state) => state.blockedCount);
  const canSwitch = useNetwork((state) => state.serviceWorker === 'active');
  const explained = useId();
  return (
    <div className="border-t border-line pt-4">
      <button
        type="button"
        role="switch"
        aria-checked={isOn}
        aria-describedby={explained}
        disabled={!canSwitch}
        className="control group -mx-2 flex w-[calc(100%+1rem)] px-2 items-center justify-between gap-4 rounded-lg text-left font-medium disabled:opacity-60"
        onClick={() => setOfflineSwitch(!isOn)}
      >
        Offline switch
        <span className="flex h-5 w-9 shrink-0 items-center rounded-full bg-line-strong p-0.5 transition-colors group-aria-checked:bg-ember forced-colors:border">
          <span className="size-4 rounded-full bg-raised transition-transform group-aria-checked:translate-x-4 forced-colors:bg-[ButtonText]" />
        </span>
      </button>
      <p id={explained} className="mt-1 text-xs text-soft" aria-live="polite">
        {sentence({ isOn, canSwitch, isOnline, blockedCount })}
      </p>
    </div>
  );
}

function sentence(state: {
  isOn: boolean;
  canSwitch: boolean;
  isOnline: boolean;
  blockedCount: number;
}): string {
  if (!state.canSwitch) {
    return 'Not available: this browser or this host gives the page no service worker, or the page was reloaded past it.';
  }
  if (state.isOn) {
    const held = state.blockedCount === 1 ? '1 request was' : `${state.blockedCount} requests were`;
    return `On: nothing is fetched, downloads wait. ${held} held back since this page was opened.`;
  }
  if (!state.isOnline) return 'The browser is offline. What is on this device goes on working.';
  return 'Off: the studio may fetch its own files, and models that you ask for.';
}
