/** Fetches damaged chunks again, each by its byte range, and nothing else. */
import { FailureError } from '#core/failure.ts';
import { backOffMs } from '#core/download/retry.ts';
import { BLOCKED_HEADER } from '#core/offline-switch.ts';
import { sha256Hex } from '#storage/library/hash.ts';
import type { StoredFile, StoredVersion } from '#storage/library/records.ts';
import type { LibraryStore } from '#storage/library/store.ts';

const ATTEMPTS = 4;

interface Place {
  file: StoredFile;
  from: number;
  sizeBytes: number;
  sha256: string;
}

/**
 * @param onProgress bytes mended, bytes to mend, and the file at work
 * @throws FailureError `source-unreachable`, `download-damaged`, `download-offline`, `download-cut`, `storage-full`
 */
export async function mend(
  store: LibraryStore,
  version: StoredVersion,
  onProgress: (doneBytes: number, totalBytes: number, file: string) => void,
): Promise<void> {
  const places = placesOf(version);
  const totalBytes = places.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let doneBytes = 0;
  for (const place of places) {
    onProgress(doneBytes, totalBytes, place.file.path);
    const { url } = place.file;
    if (url === null) {
      const label = version.source.kind === 'files' ? version.source.label : 'its source';
      throw new FailureError({ code: 'source-unreachable', name: version.name, label });
    }
    await store.mendChunk(place.sha256, new Blob([await fetchChunk(url, place)]));
    doneBytes += place.sizeBytes;
  }
}

function placesOf({ files, damaged }: StoredVersion): Place[] {
  const places = new Map<string, Place>();
  for (const file of files) {
    let from = 0;
    for (const { sha256, sizeBytes } of file.chunks) {
      if (damaged.includes(sha256)) places.set(sha256, { file, from, sizeBytes, sha256 });
      from += sizeBytes;
    }
  }
  return [...places.values()];
}

async function fetchChunk(url: string, place: Place): Promise<Uint8Array<ArrayBuffer>> {
  const { path } = place.file;
  const { host } = new URL(url, location.href);
  let isDamaged = false;
  for (let attempt = 1; ; attempt++) {
    try {
      const bytes = await fetchRange(url, place);
      if ((await sha256Hex(bytes)) === place.sha256) return bytes;
      // The second time it is the source.
      if (isDamaged) throw new FailureError({ code: 'download-damaged', file: path, host });
      isDamaged = true;
    } catch (error) {
      if (error instanceof FailureError) throw error;
      if (!navigator.onLine)
        throw new FailureError({ code: 'download-offline', file: path }, { cause: error });
      const detail = error instanceof Error ? error.message : String(error);
      if (attempt === ATTEMPTS) {
        throw new FailureError({ code: 'download-cut', file: path, host, detail }, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, backOffMs(attempt, Math.random())));
    }
  }
}

/** The chunk's bytes; a server that knows no ranges sends the whole file, of which the rest is let go. */
async function fetchRange(url: string, { file, from, sizeBytes }: Place): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url, {
    headers: from > 0 ? { Range: `bytes=${from}-` } : {},
    cache: 'no-store',
    credentials: 'omit',
  });
  if (response.headers.has(BLOCKED_HEADER))
    throw new FailureError({ code: 'offline-switch-on', file: file.path });
  const { host } = new URL(url, location.href);
  const { status } = response;
  if (status === 404 || status === 410) {
    throw new FailureError({ code: 'download-gone', file: file.path, host, status });
  }
  if (status === 401 || status === 403) {
    throw new FailureError({ code: 'download-denied', file: file.path, host, status, page: null });
  }
  if (!response.ok || response.body === null) throw new Error(`status ${status}`);
  let skip = status === 206 ? 0 : from;
  const bytes = new Uint8Array(sizeBytes);
  let filled = 0;
  const reader = response.body.getReader();
  while (filled < sizeBytes) {
    const { done, value } = await reader.read();
    if (done) throw new Error('the answer ended early');
    const piece = value.subarray(Math.min(skip, value.byteLength));
    skip -= value.byteLength - piece.byteLength;
    const wanted = piece.subarray(0, sizeBytes - filled);
    bytes.set(wanted, filled);
    filled += wanted.byteLength;
  }
  await reader.cancel();
  return bytes;
}
