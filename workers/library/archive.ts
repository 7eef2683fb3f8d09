/** Versions as one file and back: a zip of stored entries, `kiln-library.json` first, the files below `versions/`. */
import { downloadZip } from 'client-zip';
import * as v from 'valibot';
import {
  contentOffset,
  END_WINDOW_BYTES,
  findDirectory,
  LOCAL_HEADER_BYTES,
  readDirectory,
  type ZipEntry,
  type ZipResult,
} from '#core/archive/zip.ts';
import { FailureError } from '#core/failure.ts';
import { parseManifest } from '#core/models/manifest.ts';
import { readFile } from '#storage/library/read.ts';
import type { InstallPlan, PlannedFile, StoredVersion } from '#storage/library/records.ts';
import type { LibraryStore } from '#storage/library/store.ts';

const LIST = 'kiln-library.json';
const MAX_LIST_BYTES = 32 * 2 ** 20;
const LIMITS = { maxEntries: 20_000, maxDirectoryBytes: 16 * 2 ** 20 };

const text = v.pipe(v.string(), v.maxLength(300));
const versionSchema = v.object({
  id: text,
  revision: text,
  kind: v.picklist(['model', 'captioner', 'adapter']),
  name: text,
  source: v.variant('kind', [
    v.object({ kind: v.literal('hub'), host: text, repository: text, commit: text }),
    v.object({ kind: v.literal('origin') }),
    v.object({ kind: v.literal('files'), label: text }),
  ]),
  manifest: v.nullable(v.unknown()),
  files: v.array(
    v.object({
      path: text,
      sizeBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    }),
  ),
});
const listSchema = v.object({
  format: v.literal(1),
  versions: v.pipe(v.array(versionSchema), v.minLength(1), v.maxLength(1_000)),
});

/**
 * @returns a Blob that the browser keeps on disk where it is large
 * @throws FailureError `model-damaged`: an archive of wrong bytes would only look like a backup
 */
export async function exportVersions(store: LibraryStore, versions: StoredVersion[]): Promise<Blob> {
  const list = {
    format: 1,
    versions: versions.map(({ id, revision, kind, name, source, manifest, files }) => ({
      id,
      revision,
      kind,
      name,
      source,
      manifest,
      files: files.map(({ path, sizeBytes, sha256 }) => ({ path, sizeBytes, sha256 })),
    })),
  };
  async function* entries() {
    yield { name: LIST, input: JSON.stringify(list) };
    for (const version of versions) {
      for (const file of version.files) {
        const read = await readFile(store, file, () => {});
        if (!read.ok) {
          const { id, revision, name } = version;
          await store.markDamaged(read.damaged);
          throw new FailureError({ code: 'model-damaged', id, revision, name, files: [file.path] });
        }
        yield { name: placeOf(version, file.path), input: read.blob, size: file.sizeBytes };
      }
    }
  }
  return downloadZip(entries()).blob();
}

/**
 * What an archive would install, nothing of it read but its lists. Each file is a slice of the archive, and is
 * hashed like any download.
 * @throws FailureError `archive-invalid`
 */
export async function planImports(archive: Blob): Promise<InstallPlan[]> {
  const end = await bytesOf(archive.slice(Math.max(0, archive.size - END_WINDOW_BYTES)));
  const directory = need(findDirectory(end, archive.size, LIMITS));
  const bytes = await bytesOf(archive.slice(directory.at, directory.at + directory.sizeBytes));
  const entries = need(readDirectory(bytes, directory.at, directory.entries));
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const list = await readList(archive, byPath.get(LIST));
  return Promise.all(
    list.versions.map(async ({ id, revision, kind, name, source, manifest, files }): Promise<InstallPlan> => {
      const planned: PlannedFile[] = [];
      for (const { path, sizeBytes, sha256 } of files) {
        const entry = byPath.get(placeOf({ id, revision }, path));
        if (entry?.sizeBytes !== sizeBytes) throw invalid(`${path} is not in it as its list says`);
        planned.push({
          path,
          from: { blob: await contentOf(archive, entry) },
          sizeBytes,
          sha256,
          gitSha1: null,
        });
      }
      return { id, revision, kind, name, source, manifest: manifestOf(kind, manifest), files: planned };
    }),
  );
}

function manifestOf(kind: InstallPlan['kind'], manifest: unknown): InstallPlan['manifest'] {
  if (kind !== 'model') return null;
  const parsed = parseManifest(manifest);
  if (!parsed.ok) throw invalid(`a manifest in it is not one: ${parsed.reason}`);
  const { files: _, ...rest } = parsed.manifest;
  return rest;
}

async function readList(archive: Blob, entry: ZipEntry | undefined) {
  if (entry === undefined) throw invalid(`it has no ${LIST}`);
  if (entry.sizeBytes > MAX_LIST_BYTES) throw invalid(`its ${LIST} is too long`);
  let value: unknown;
  try {
    value = JSON.parse(await (await contentOf(archive, entry)).text());
  } catch (error) {
    if (error instanceof FailureError) throw error;
    throw invalid(`its ${LIST} is not JSON`);
  }
  const parsed = v.safeParse(listSchema, value);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  throw invalid(`${v.getDotPath(issue) ?? LIST}: ${issue.message}`);
}

async function contentOf(archive: Blob, { path, headerAt, sizeBytes }: ZipEntry): Promise<Blob> {
  const offset = contentOffset(await bytesOf(archive.slice(headerAt, headerAt + LOCAL_HEADER_BYTES)));
  const start = offset === null ? Number.POSITIVE_INFINITY : headerAt + offset;
  if (start + sizeBytes > archive.size) throw invalid(`"${path}" lies outside it`);
  return archive.slice(start, start + sizeBytes);
}

async function bytesOf(part: Blob): Promise<Uint8Array> {
  try {
    return new Uint8Array(await part.arrayBuffer());
  } catch {
    throw invalid('it cannot be read');
  }
}

function placeOf({ id, revision }: { id: string; revision: string }, path: string): string {
  return `versions/${id}/${revision}/${path}`;
}

function need<T>(result: ZipResult<T>): T {
  if (result.ok) return result.value;
  throw invalid(result.reason);
}

function invalid(reason: string): FailureError {
  return new FailureError({ code: 'archive-invalid', reason });
}
