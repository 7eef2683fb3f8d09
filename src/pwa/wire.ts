/** What the page and the service worker say to each other. Plain data, both ways. */

/** Bytes that came from one origin. `hidden` counts answers whose size the browser does not tell. */
export interface Traffic {
  origin: string;
  requests: number;
  bytes: number;
  hidden: number;
}

/** How far the studio is ready to run without a network. Bytes of the runtime and the models that ship. */
export interface Readiness {
  state: 'loading' | 'ready' | 'failed';
  loadedBytes: number;
  totalBytes: number;
}

export type ToServiceWorker =
  /** Answered with `offline-switch` and, when everything is there, `readiness`. */
  | { kind: 'greet' }
  | { kind: 'set-offline-switch'; isOn: boolean }
  | { kind: 'make-ready' }
  /** Sent to a waiting worker only: take over now. */
  | { kind: 'activate' };

export type FromServiceWorker =
  | { kind: 'offline-switch'; isOn: boolean }
  | { kind: 'traffic'; traffic: Traffic }
  | { kind: 'blocked'; url: string }
  | { kind: 'readiness'; readiness: Readiness };

/** Where the system's share sheet posts a file, relative to the scope; and where the page then finds it. */
export const SHARE_PATH = 'share';
export const SHARED_QUERY = 'shared';
export const SHARED_CACHE = 'kiln-shared';
/** Name of the shared file, percent-encoded, on the answer in that cache. */
export const FILE_NAME_HEADER = 'x-kiln-file-name';

/** Workers tell the page here what they fetched while no service worker counted. */
export const TRAFFIC_CHANNEL = 'kiln-traffic';
