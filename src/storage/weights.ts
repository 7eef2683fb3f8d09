/** Files of a model, fetched from this origin and checked against the manifest before anyone sees them. */
import { FailureError } from '#core/failure.ts';
import { BLOCKED_HEADER } from '#core/offline-switch.ts';

export interface ExpectedFile {
  path: string;
  sizeBytes: number;
  sha256: string;
}

/**
 * Fetches one file and checks its length and sha256.
 * @param folderUrl URL of the model's folder, ending in a slash
 * @param onProgress bytes received so far
 * @throws FailureError `file-missing`, `file-truncated`, `file-altered`, `network`; the signal's reason when aborted
 */
export async function fetchVerified(
  folderUrl: string,
  { path, sizeBytes, sha256 }: ExpectedFile,
  signal: AbortSignal,
  onProgress: (loadedBytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetchOk(folderUrl, path, signal);
  const bytes = new Uint8Array(sizeBytes);
  let loadedBytes = 0;
  try {
    for await (const chunk of readable(response)) {
      // Longer than the manifest says: other content, and not ours to buffer.
      if (loadedBytes + chunk.byteLength > sizeBytes)
        throw new FailureError({ code: 'file-altered', file: path });
      bytes.set(chunk, loadedBytes);
      loadedBytes += chunk.byteLength;
      onProgress(loadedBytes);
    }
  } catch (error) {
    throw asFailure(error, path, signal);
  }
  if (loadedBytes !== sizeBytes) {
    throw new FailureError({
      code: 'file-truncated',
      file: path,
      expectedBytes: sizeBytes,
      actualBytes: loadedBytes,
    });
  }
  if ((await sha256Hex(bytes)) !== sha256) throw new FailureError({ code: 'file-altered', file: path });
  return bytes;
}

/**
 * Fetches a small JSON file that nothing vouches for yet.
 * @throws FailureError as `fetchVerified`; `file-altered` when it is not JSON
 */
export async function fetchJson(folderUrl: string, path: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetchOk(folderUrl, path, signal);
  try {
    return await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) throw new FailureError({ code: 'file-altered', file: path });
    throw asFailure(error, path, signal);
  }
}

async function fetchOk(folderUrl: string, path: string, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(new URL(path, folderUrl), { signal });
  } catch (error) {
    throw asFailure(error, path, signal);
  }
  if (response.headers.has(BLOCKED_HEADER)) throw new FailureError({ code: 'offline-switch-on', file: path });
  if (!response.ok) throw new FailureError({ code: 'file-missing', file: path, status: response.status });
  return response;
}

async function* readable(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

function asFailure(error: unknown, file: string, signal: AbortSignal): unknown {
  if (error instanceof FailureError || signal.aborted) return error;
  return new FailureError(
    { code: 'network', file, detail: error instanceof Error ? error.message : String(error) },
    { cause: error },
  );
}

async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
