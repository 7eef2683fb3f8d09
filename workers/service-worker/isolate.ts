import { HEADERS } from '../../scripts/headers.mjs';

/**
 * The same answer with the studio's own headers: cross-origin isolation and the content policy also where the
 * host sends none. It is rebuilt, so an answer that came by a redirect may open a page.
 */
export function isolated(response: Response): Response {
  // Such answers may not be rebuilt: a redirect is for the browser to follow, an error is one.
  if (response.type === 'opaqueredirect' || response.type === 'error' || response.status === 0)
    return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
