import { openFile } from '#state/actions/open-file.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { addTraffic, useNetwork } from '#state/network.ts';
import { isRunning, useRun } from '#state/run.ts';
import { services } from '#state/services.ts';

/** Marks that this tab was reloaded once to become isolated, so that it never is twice. */
const RELOADED = 'kiln.reloaded-to-isolate';

/** Starts the service worker and keeps the store up to date with it, and opens a file that was shared. */
export async function watchNetwork(): Promise<void> {
  const { background } = services();
  addEventListener('online', followConnection);
  addEventListener('offline', followConnection);
  followConnection();
  void background.takeSharedFile().then((file) => {
    if (file !== null) void openFile(file);
  });
  await background.start({
    onControl(isControlled) {
      useNetwork.setState({ serviceWorker: isControlled ? 'active' : 'none' });
      if (isControlled) becomeIsolated();
    },
    onOfflineSwitch: (isOn) => useNetwork.setState({ isOfflineSwitchOn: isOn }),
    onTraffic: (more) => useNetwork.setState(({ traffic }) => ({ traffic: addTraffic(traffic, more) })),
    onBlocked: () => useNetwork.setState(({ blockedCount }) => ({ blockedCount: blockedCount + 1 })),
    onReadiness(readiness) {
      const before = useNetwork.getState().readiness;
      useNetwork.setState({ readiness });
      if (before?.state === 'loading' && readiness.state === 'ready') {
        showToast({ text: 'Ready for use without a network.', tone: 'plain', action: null });
      }
    },
    onUpdateReady: () => useNetwork.setState({ isUpdateReady: true }),
  });
  const { readiness, isOfflineSwitchOn } = useNetwork.getState();
  if (readiness === null && !isOfflineSwitchOn && !wantsLittleData()) background.makeReady();
}

function followConnection(): void {
  useNetwork.setState({ isOnline: navigator.onLine });
}

/** Someone who saves data is not sent megabytes unasked; the popover has a button. */
function wantsLittleData(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return connection?.saveData === true;
}

/**
 * Where the host sends no isolation headers, the service worker does, but only for a page that it opened: one
 * reload, on the first visit, while there is nothing to lose. Without it the engine has one thread.
 */
function becomeIsolated(): void {
  if (globalThis.crossOriginIsolated || isRunning(useRun.getState())) return;
  try {
    if (sessionStorage.getItem(RELOADED) !== null) return;
    sessionStorage.setItem(RELOADED, '1');
  } catch {
    // Without a place to note it the reload could come again and again.
    return;
  }
  location.reload();
}
