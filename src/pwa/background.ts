/**
 * The page's handle on the service worker: starts it, and passes on what it says. Where a browser has none, or
 * denies it, the studio runs all the same, without offline use and without the switch.
 */
import { openFileFromCache } from './shared-file.ts';
import { hearTimings, watchTimings } from './timings.ts';
import type { FromServiceWorker, Readiness, ToServiceWorker, Traffic } from './wire.ts';

export interface BackgroundListener {
  /** Whether a service worker stands between this page and the network. */
  onControl(isControlled: boolean): void;
  onOfflineSwitch(isOn: boolean): void;
  onTraffic(traffic: Traffic): void;
  onBlocked(url: string): void;
  onReadiness(readiness: Readiness): void;
  /** A newer version is here and waits for `applyUpdate`. */
  onUpdateReady(): void;
}

export interface Background {
  start(listener: BackgroundListener): Promise<void>;
  /** Lets the service worker fetch what offline use needs. Goes on where it stopped. */
  makeReady(): void;
  setOfflineSwitch(isOn: boolean): void;
  /** Hands the page over to the version that waits, and reloads it. */
  applyUpdate(): void;
  /** The file that the share sheet left for this page, once; else null. */
  takeSharedFile(): Promise<File | null>;
}

/** A service worker's event may last minutes at most: a download that is longer needs asking again. */
const ASK_AGAIN_MS = 30_000;

/** @param root address of the studio's folder, ending in a slash */
export function createBackground(root: string): Background {
  const container = serviceWorkers();
  let registration: ServiceWorkerRegistration | null = null;
  let isMaking = false;
  let isReloading = false;

  const send = (message: ToServiceWorker) => registration?.active?.postMessage(message);

  function listenTo(workers: ServiceWorkerContainer, listener: BackgroundListener): void {
    workers.addEventListener('message', ({ data }: MessageEvent<FromServiceWorker>) => {
      if (data.kind === 'offline-switch') listener.onOfflineSwitch(data.isOn);
      else if (data.kind === 'traffic') listener.onTraffic(data.traffic);
      else if (data.kind === 'blocked') listener.onBlocked(data.url);
      else {
        if (data.readiness.state !== 'loading') isMaking = false;
        listener.onReadiness(data.readiness);
      }
    });
    workers.startMessages();
    workers.addEventListener('controllerchange', () => {
      listener.onControl(workers.controller !== null);
      if (isReloading) location.reload();
      else send({ kind: 'greet' });
    });
  }

  return {
    async start(listener) {
      watchTimings(listener.onTraffic);
      hearTimings(listener.onTraffic);
      listener.onControl(container?.controller != null);
      if (container === null) return;
      listenTo(container, listener);
      try {
        registration = await container.register(`${root}sw.js`, { scope: root });
        watchForUpdates(registration, listener);
        await container.ready;
        send({ kind: 'greet' });
      } catch {
        // Denied, or the host has no such file: said by the control that is off.
        listener.onControl(false);
      }
    },
    makeReady() {
      isMaking = true;
      send({ kind: 'make-ready' });
      const timer = setInterval(() => {
        if (isMaking) send({ kind: 'make-ready' });
        else clearInterval(timer);
      }, ASK_AGAIN_MS);
    },
    setOfflineSwitch: (isOn) => void send({ kind: 'set-offline-switch', isOn }),
    applyUpdate() {
      const waiting = registration?.waiting ?? null;
      isReloading = true;
      if (waiting !== null) waiting.postMessage({ kind: 'activate' } satisfies ToServiceWorker);
      // Another tab took it already: this one only has to open again.
      else location.reload();
    },
    takeSharedFile: () => openFileFromCache(root),
  };
}

function watchForUpdates(found: ServiceWorkerRegistration, listener: BackgroundListener): void {
  // The first worker ever is no update.
  const isUpdate = () => found.waiting !== null && found.active !== null;
  if (isUpdate()) listener.onUpdateReady();
  found.addEventListener('updatefound', () => {
    const { installing } = found;
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'installed' && isUpdate()) listener.onUpdateReady();
    });
  });
}

/** Null where there are none. In development the page is not built, so there is nothing to keep. */
function serviceWorkers(): ServiceWorkerContainer | null {
  if (!import.meta.env.PROD) return null;
  try {
    return navigator.serviceWorker ?? null;
  } catch {
    return null;
  }
}
