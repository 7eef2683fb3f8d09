/** What is said of an installed version: to the studio, and to the note that outlives the browser's clearing. */
import type { InstalledModel } from '#engine/library-api.ts';
import { keyName, type NotedVersion, type StoredVersion } from '#storage/library/records.ts';
import { chunksOf } from '#storage/library/store.ts';

export function sizeOf({ files }: Pick<StoredVersion, 'files'>): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

export function describe(version: StoredVersion, all: StoredVersion[], active: boolean): InstalledModel {
  const { id, revision, kind, name, source, manifest, installedAt, damaged } = version;
  const shared = new Set(
    all.filter((one) => keyName(one) !== keyName(version)).flatMap((one) => [...chunksOf(one).keys()]),
  );
  const own = [...chunksOf(version)].filter(([chunk]) => !shared.has(chunk));
  const damagedFiles = version.files
    .filter(({ chunks }) => chunks.some(({ sha256 }) => damaged.includes(sha256)))
    .map(({ path }) => path);
  return {
    id,
    revision,
    kind,
    name,
    source,
    manifest,
    files: version.files.map(({ path, sizeBytes, sha256 }) => ({ path, sizeBytes, sha256 })),
    sizeBytes: sizeOf(version),
    freesBytes: own.reduce((sum, [, bytes]) => sum + bytes, 0),
    installedAt,
    state: damagedFiles.length > 0 ? 'damaged' : 'installed',
    damagedFiles,
    active,
  };
}

/** Enough to install it again after the browser removed it. */
export function note(version: StoredVersion, active: boolean): NotedVersion {
  const { id, revision, kind, name, source, manifest, installedAt } = version;
  const files = version.files.map(({ path, sizeBytes, sha256, url }) => ({ path, sizeBytes, sha256, url }));
  return {
    id,
    revision,
    kind,
    name,
    source,
    manifest,
    installedAt,
    active,
    sizeBytes: sizeOf(version),
    files,
  };
}
