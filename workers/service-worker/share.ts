import { FILE_NAME_HEADER, SHARED_CACHE, SHARED_QUERY } from '#pwa/wire.ts';

/** A picture of ours is far smaller; an adapter may be this large. */
const MAX_BYTES = 2 ** 30;

/** Takes the first file that the system's share sheet posts, keeps it for the page, and opens the page. */
export async function takeShare(request: Request, scope: string): Promise<Response> {
  const file = await firstFile(request);
  if (file !== null && file.size <= MAX_BYTES) {
    const cache = await caches.open(SHARED_CACHE);
    const headers = { [FILE_NAME_HEADER]: encodeURIComponent(file.name), 'Content-Type': file.type };
    await cache.put(`${scope}${SHARED_QUERY}`, new Response(file, { headers }));
  }
  // 303: the page is got, not posted to again, also on a reload.
  return Response.redirect(`${scope}?${SHARED_QUERY}`, 303);
}

async function firstFile(request: Request): Promise<File | null> {
  try {
    const form = await request.formData();
    return [...form.values()].find((value) => value instanceof File) ?? null;
  } catch {
    return null;
  }
}
