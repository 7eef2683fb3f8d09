/** Stored files, read back: never trusted before their chunks' hashes were compared. */
import { sha256Hex } from './hash.ts';
import type { StoredChunk, StoredFile } from './records.ts';
import type { LibraryStore } from './store.ts';

/** `damaged` names the chunks that are gone, cannot be read, or hash to something else. */
export type ReadResult = { ok: true; blob: Blob } | { ok: false; damaged: string[] };

/**
 * One file as a Blob over its chunks on the disk: nothing of it stays in memory. Every byte was read and hashed
 * before this answers.
 * @param onBytes how many more bytes were checked
 */
export async function readFile(
  store: LibraryStore,
  { chunks }: StoredFile,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<ReadResult> {
  const blobs = await store.chunks(chunks.map(({ sha256 }) => sha256));
  const damaged: string[] = [];
  // One is read while the one before it is hashed, beside this thread.
  let checking: Promise<void> = Promise.resolve();
  for (const [i, chunk] of chunks.entries()) {
    signal?.throwIfAborted();
    const bytes = await bytesOf(blobs[i], chunk);
    await checking;
    checking = (async () => {
      if (bytes === null || (await sha256Hex(bytes)) !== chunk.sha256) damaged.push(chunk.sha256);
      onBytes(chunk.sizeBytes);
    })();
  }
  await checking;
  if (damaged.length > 0) return { ok: false, damaged };
  return { ok: true, blob: new Blob(blobs as Blob[]) };
}

/** A damaged file behind a Blob still tells its full size: only reading it shows. */
async function bytesOf(
  blob: Blob | undefined,
  { sizeBytes }: StoredChunk,
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (blob === undefined || blob.size !== sizeBytes) return null;
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch {
    return null;
  }
}
