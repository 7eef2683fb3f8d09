/** The only way out: every request passes the offline switch, and every byte that comes back is counted. */
import { BLOCKED_HEADER, BLOCKED_STATUS } from '#core/offline-switch.ts';
import type { Traffic } from '#pwa/wire.ts';
import { tellAll } from './tell.ts';

declare const self: ServiceWorkerGlobalScope;

/** A cache, because a service worker has no localStorage and is ended between two requests. */
const SETTINGS_CACHE = 'kiln-settings';
const SWITCH_KEY = 'offline-switch';
/** Counts are told in sums, so that a large download does not flood the page. */
const TELL_AFTER_MS = 200;

let known: Promise<boolean> | null = null;

/** Whether the offline switch is on. */
export function isSwitchedOff(): Promise<boolean> {
  known ??= readSwitch();
  return known;
}

async function readSwitch(): Promise<boolean> {
  const cache = await caches.open(SETTINGS_CACHE);
  return (await cache.match(switchUrl())) !== undefined;
}

export async function setOfflineSwitch(isOn: boolean): Promise<void> {
  // In force from here on, before the disk has it.
  known = Promise.resolve(isOn);
  const cache = await caches.open(SETTINGS_CACHE);
  if (isOn) await cache.put(switchUrl(), new Response('on'));
  else await cache.delete(switchUrl());
  await tellAll({ kind: 'offline-switch', isOn });
}

function switchUrl(): string {
  return self.registration.scope + SWITCH_KEY;
}

/** Fetches from the network, unless the offline switch is on: then a 403 that says so. Rejects as `fetch` does. */
export async function reach(request: Request): Promise<Response> {
  if (await isSwitchedOff()) {
    void tellAll({ kind: 'blocked', url: request.url });
    return new Response('The offline switch of the studio is on: nothing is fetched.', {
      status: BLOCKED_STATUS,
      headers: { [BLOCKED_HEADER]: 'offline-switch', 'Content-Type': 'text/plain' },
    });
  }
  const response = await fetch(request);
  return counted(response, new URL(response.url || request.url).origin);
}

/** The same answer; its bytes are counted as they are read, so that nothing is held back or buffered. */
function counted(response: Response, origin: string): Response {
  const isOpaque = response.type === 'opaque' || response.type === 'opaqueredirect';
  count({ origin, requests: 1, bytes: 0, hidden: isOpaque ? 1 : 0 });
  if (response.body === null) return response;
  const body = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        count({ origin, requests: 0, bytes: chunk.byteLength, hidden: 0 });
        controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

const untold = new Map<string, Traffic>();
let timer: ReturnType<typeof setTimeout> | null = null;

function count(traffic: Traffic): void {
  const sum = untold.get(traffic.origin) ?? { origin: traffic.origin, requests: 0, bytes: 0, hidden: 0 };
  sum.requests += traffic.requests;
  sum.bytes += traffic.bytes;
  sum.hidden += traffic.hidden;
  untold.set(traffic.origin, sum);
  timer ??= setTimeout(() => {
    timer = null;
    const sums = [...untold.values()];
    untold.clear();
    for (const told of sums) void tellAll({ kind: 'traffic', traffic: told });
  }, TELL_AFTER_MS);
}
