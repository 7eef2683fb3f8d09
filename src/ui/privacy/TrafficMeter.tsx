import type { Traffic } from '#pwa/wire.ts';
import { useNetwork } from '#state/network.ts';
import { formatBytes } from '#ui/format.ts';

/** Bytes since this page was opened, by origin. */
export function TrafficMeter() {
  const traffic = useNetwork((state) => state.traffic);
  const serviceWorker = useNetwork((state) => state.serviceWorker);
  const own = traffic.find(({ origin }) => origin === location.origin) ?? {
    origin: location.origin,
    requests: 0,
    bytes: 0,
    hidden: 0,
  };
  const others = traffic.filter((one) => one !== own && one.requests > 0);
  return (
    <section aria-label="Received since this page was opened">
      <p className="text-soft">
        Pictures and prompts are made here and stay here. Received since this page was opened:
      </p>
      <dl className="mt-2 flex flex-col gap-2">
        <Origin traffic={own} note="this studio" />
        {others.map((one) => (
          <Origin key={one.origin} traffic={one} note={null} />
        ))}
      </dl>
      {others.length === 0 && <p className="mt-2 text-soft">No other address was contacted.</p>}
      <p className="mt-2 text-xs text-faint">
        {serviceWorker === 'active'
          ? 'Counted by the studio’s service worker for all its tabs, without headers. The browser’s own look for a new version of the studio is not in it.'
          : 'Counted from the browser’s own timings, because no service worker stands before this page: sizes that another address hides count as none.'}
      </p>
    </section>
  );
}

function Origin({ traffic, note }: { traffic: Traffic; note: string | null }) {
  const { origin, requests, bytes, hidden } = traffic;
  return (
    <div className="flex items-baseline justify-between gap-4">
      <dt className="min-w-0 break-words">
        {new URL(origin).host}
        {note !== null && <span className="text-faint"> {note}</span>}
      </dt>
      <dd className="shrink-0 text-right text-soft tabular-nums">
        {formatBytes(bytes)} in {requests} {requests === 1 ? 'request' : 'requests'}
        {hidden > 0 && `, ${hidden} of unknown size`}
      </dd>
    </div>
  );
}
