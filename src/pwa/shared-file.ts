import { FILE_NAME_HEADER, SHARED_CACHE, SHARED_QUERY } from './wire.ts';

/** Takes the file that the share sheet posted to the service worker out of its cache. Null when there is none. */
export async function openFileFromCache(root: string): Promise<File | null> {
  const address = new URL(location.href);
  if (!address.searchParams.has(SHARED_QUERY)) return null;
  address.searchParams.delete(SHARED_QUERY);
  // A reload must not open it again.
  history.replaceState(null, '', address);
  try {
    const key = `${root}${SHARED_QUERY}`;
    const cache = await caches.open(SHARED_CACHE);
    const kept = await cache.match(key);
    if (kept === undefined) return null;
    const blob = await kept.blob();
    await cache.delete(key);
    const name = decodeURIComponent(kept.headers.get(FILE_NAME_HEADER) ?? '');
    return new File([blob], name, { type: blob.type });
  } catch {
    return null;
  }
}
