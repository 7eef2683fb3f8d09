/**
 * What the browser's own resource timing tells, for what no service worker stood before: the first visit, and
 * browsers without one. Entries that went through a service worker are counted there, with every byte.
 */
import { TRAFFIC_CHANNEL, type Traffic } from './wire.ts';

/** Counts this thread's requests, past and to come. Works in the page and in workers. */
export function watchTimings(onTraffic: (traffic: Traffic) => void): void {
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const traffic = trafficOf(entry as PerformanceResourceTiming);
      if (traffic !== null) onTraffic(traffic);
    }
  });
  observer.observe({ type: 'resource', buffered: true });
  // The page itself; a worker has none.
  if ('document' in globalThis) observer.observe({ type: 'navigation', buffered: true });
}

function trafficOf({ name, workerStart, transferSize, decodedBodySize }: PerformanceResourceTiming) {
  if (workerStart > 0 || !URL.canParse(name)) return null;
  const { origin, protocol } = new URL(name);
  if (protocol !== 'http:' && protocol !== 'https:') return null;
  // Both are zero for another origin that does not allow its sizes to be told.
  const isHidden = transferSize === 0 && decodedBodySize === 0 && origin !== location.origin;
  return { origin, requests: 1, bytes: transferSize, hidden: isHidden ? 1 : 0 };
}

/** In a worker: tells the page what this worker fetches while no service worker counts. */
export function reportTimings(): void {
  const channel = new BroadcastChannel(TRAFFIC_CHANNEL);
  watchTimings((traffic) => channel.postMessage(traffic));
}

/** In the page: hears what its workers report. */
export function hearTimings(onTraffic: (traffic: Traffic) => void): void {
  new BroadcastChannel(TRAFFIC_CHANNEL).addEventListener('message', ({ data }: MessageEvent<Traffic>) =>
    onTraffic(data),
  );
}
