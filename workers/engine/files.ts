/** The files of a model by their hashes: from the library where an installed version has them, else from this origin. */
import { FailureError } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { GenerateEvent } from '#engine/api.ts';
import { readFile } from '#storage/library/read.ts';
import type { StoredFile, StoredVersion } from '#storage/library/records.ts';
import type { LibraryStore } from '#storage/library/store.ts';
import { modelFolderUrl, sharedLibrary } from '#storage/models.ts';
import { fetchVerified } from '#storage/weights.ts';
import { tellTabs } from '#workers/library/channel.ts';

/** In memory, or on the disk behind a Blob; every byte of either was hashed. */
export type FileBytes = Uint8Array<ArrayBuffer> | Blob;

interface Installed {
  version: StoredVersion;
  file: StoredFile;
}

/**
 * @param manifest whose `files` vouch for the paths
 * @returns each file by its path
 * @throws FailureError `model-damaged` for an installed file that is not what was installed; as `fetchVerified`
 */
export async function readModelFiles(
  manifest: Pick<Manifest, 'id' | 'files'>,
  paths: readonly string[],
  signal: AbortSignal,
  emit: (event: Extract<GenerateEvent, { kind: 'loading' }>) => void,
): Promise<Map<string, FileBytes>> {
  const expected = [...new Set(paths)].map((path) => {
    const file = manifest.files[path];
    if (file === undefined) throw new Error(`The manifest vouches for no file "${path}".`);
    return { path, ...file };
  });
  const totalBytes = expected.reduce((sum, file) => sum + file.sizeBytes, 0);
  const loaded = new Map<string, number>();
  const tell = (path: string, bytes: number) => {
    loaded.set(path, bytes);
    const loadedBytes = [...loaded.values()].reduce((a, b) => a + b, 0);
    emit({ kind: 'loading', file: path, loadedBytes, totalBytes });
  };
  const store = sharedLibrary();
  const installed = store === null ? new Map<string, Installed>() : await byHash(store);
  const folder = modelFolderUrl(manifest.id);
  const files = await Promise.all(
    expected.map(async (file): Promise<[string, FileBytes]> => {
      const found = installed.get(file.sha256);
      const onLoaded = (bytes: number) => tell(file.path, bytes);
      const bytes =
        store !== null && found !== undefined
          ? await readInstalled(store, found, signal, onLoaded)
          : await fetchVerified(folder, file, signal, onLoaded);
      return [file.path, bytes];
    }),
  );
  return new Map(files);
}

/** A library that cannot be opened must not keep the models from working that need none. */
async function byHash(store: LibraryStore): Promise<Map<string, Installed>> {
  try {
    const versions = await store.versions();
    return new Map(
      versions.flatMap((version) => version.files.map((file) => [file.sha256, { version, file }] as const)),
    );
  } catch (error) {
    if (error instanceof FailureError) return new Map();
    throw error;
  }
}

async function readInstalled(
  store: LibraryStore,
  { version, file }: Installed,
  signal: AbortSignal,
  onLoaded: (bytes: number) => void,
): Promise<Blob> {
  let loadedBytes = 0;
  const read = await readFile(
    store,
    file,
    (bytes) => {
      loadedBytes += bytes;
      onLoaded(loadedBytes);
    },
    signal,
  );
  if (read.ok) return read.blob;
  await store.markDamaged(read.damaged);
  tellTabs({ kind: 'changed', removed: null });
  const { id, revision, name } = version;
  throw new FailureError({ code: 'model-damaged', id, revision, name, files: [file.path] });
}

export async function bytesOf<T extends Uint8Array>(file: T | Blob): Promise<T | Uint8Array<ArrayBuffer>> {
  return file instanceof Blob ? new Uint8Array(await file.arrayBuffer()) : file;
}
