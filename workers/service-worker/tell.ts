import type { FromServiceWorker } from '#pwa/wire.ts';

declare const self: ServiceWorkerGlobalScope;

/** Tells every page of the studio. */
export async function tellAll(message: FromServiceWorker): Promise<void> {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  for (const page of pages) page.postMessage(message);
}
