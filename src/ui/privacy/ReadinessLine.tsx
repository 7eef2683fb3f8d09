import { makeReadyOffline } from '#state/actions/make-ready-offline.ts';
import { useNetwork } from '#state/network.ts';
import { formatBytes } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';

/** Whether the studio would run without a network, and how far it is from that. */
export function ReadinessLine() {
  const serviceWorker = useNetwork((state) => state.serviceWorker);
  const readiness = useNetwork((state) => state.readiness);
  if (serviceWorker !== 'active') return null;
  return (
    <div className="border-t border-line pt-4">
      <p aria-live="polite">{sentence(readiness)}</p>
      {readiness?.state === 'loading' && (
        <progress
          aria-label="Getting ready for offline use"
          className="mt-2 h-1.5 w-full appearance-none overflow-hidden rounded-full bg-line [&::-moz-progress-bar]:bg-ember [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-ember"
          value={readiness.loadedBytes}
          max={readiness.totalBytes}
        />
      )}
      {(readiness === null || readiness.state === 'failed') && (
        <Button className="mt-2" onClick={makeReadyOffline}>
          Make ready
        </Button>
      )}
    </div>
  );
}

function sentence(readiness: ReturnType<typeof useNetwork.getState>['readiness']): string {
  if (readiness === null) return 'Not yet ready for use without a network.';
  const size = formatBytes(readiness.totalBytes);
  switch (readiness.state) {
    case 'loading':
      return `Getting ready for use without a network: ${size} in all.`;
    case 'ready':
      return `Ready offline: studio, runtime and starter model are on this device (${size}).`;
    case 'failed':
      return `Not yet ready offline: ${formatBytes(readiness.loadedBytes)} of ${size} are here. The rest could not be fetched or kept.`;
  }
}
