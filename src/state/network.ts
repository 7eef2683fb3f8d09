/** What stands between this page and the network, and what came through. Data only. */
import { create } from 'zustand';
import type { Readiness, Traffic } from '#pwa/wire.ts';

export interface NetworkState {
  /** `none`: this browser, this host or a hard reload leaves the page without a service worker. */
  serviceWorker: 'starting' | 'active' | 'none';
  /** On: the service worker lets no request out. Remembered in the browser, for all tabs. */
  isOfflineSwitchOn: boolean;
  /** What came from each origin since this page was opened, all tabs of the studio together. */
  traffic: Traffic[];
  /** Requests that the offline switch held back since this page was opened. */
  blockedCount: number;
  /** Null until the service worker has told. */
  readiness: Readiness | null;
  /** What the browser believes: false is certain, true is not. */
  isOnline: boolean;
  /** A newer version of the studio waits. */
  isUpdateReady: boolean;
  /** The browser offers to install the studio as an app. */
  canInstall: boolean;
}

export const useNetwork = create<NetworkState>(() => ({
  serviceWorker: 'starting',
  isOfflineSwitchOn: false,
  traffic: [],
  blockedCount: 0,
  readiness: null,
  isOnline: true,
  isUpdateReady: false,
  canInstall: false,
}));

/** One origin's sums with more added to them; the order of first contact is kept. */
export function addTraffic(traffic: readonly Traffic[], more: Traffic): Traffic[] {
  const known = traffic.find(({ origin }) => origin === more.origin);
  if (known === undefined) return [...traffic, more];
  const sum: Traffic = {
    origin: more.origin,
    requests: known.requests + more.requests,
    bytes: known.bytes + more.bytes,
    hidden: known.hidden + more.hidden,
  };
  return traffic.map((one) => (one === known ? sum : one));
}
