/**
 * The service worker: the studio without its server. It answers from what it keeps, adds the headers that a
 * static host cannot send, counts what comes from the network, and lets nothing out while the offline switch is on.
 */
import { SHARE_PATH, type ToServiceWorker } from '#pwa/wire.ts';
import { isolated } from './isolate.ts';
import { isSwitchedOff, reach, setOfflineSwitch } from './network.ts';
import { type Entry, Pack } from './pack.ts';
import { takeShare } from './share.ts';
import { Shell } from './shell.ts';
import { tellAll } from './tell.ts';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: Entry[] };

const scope = self.registration.scope;
const entries = self.__WB_MANIFEST;
const shell = new Shell(scope, entries);
const pack = new Pack(scope, entries, shell);

self.addEventListener('install', (event) => event.waitUntil(shell.install()));

self.addEventListener('activate', (event) => {
  // The first visit is controlled at once; a later version comes here only after someone asked for it.
  event.waitUntil(Promise.all([shell.dropOld(), self.clients.claim()]));
});

self.addEventListener('message', (event) => {
  const message = event.data as ToServiceWorker;
  switch (message.kind) {
    case 'greet':
      event.waitUntil(greet());
      break;
    case 'set-offline-switch':
      event.waitUntil(setOfflineSwitch(message.isOn));
      break;
    case 'make-ready':
      event.waitUntil(pack.makeReady());
      break;
    case 'activate':
      event.waitUntil(self.skipWaiting());
      break;
  }
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return;
  if (request.method === 'POST' && url.href === scope + SHARE_PATH) {
    event.respondWith(takeShare(request, scope));
    return;
  }
  event.respondWith(answer(request, url));
});

async function answer(request: Request, url: URL): Promise<Response> {
  if (url.origin !== self.location.origin) return reach(request);
  const isPlain = request.method === 'GET' && !request.headers.has('range') && url.href.startsWith(scope);
  const kept = isPlain ? ((await shell.match(request, url)) ?? (await pack.match(url))) : undefined;
  return isolated(kept ?? (await reach(request)));
}

async function greet(): Promise<void> {
  // A page that was reloaded past its service worker comes back under it.
  await self.clients.claim();
  await tellAll({ kind: 'offline-switch', isOn: await isSwitchedOff() });
  await pack.tellIfReady();
}
