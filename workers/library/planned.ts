/** From the files that a plan names to what is asked of the network, taken from the disk and kept as a version. */
import type { ExpectedFile } from '#core/download/machine.ts';
import { FailureError } from '#core/failure.ts';
import { parseManifest } from '#core/models/manifest.ts';
import { emptyPartial } from '#storage/library/file-writer.ts';
import type { InstallPlan, PlannedFile, StoredFile, StoredVersion } from '#storage/library/records.ts';
import type { LibraryStore } from '#storage/library/store.ts';

export function expectedFile(
  plan: InstallPlan,
  { path, from, sizeBytes, sha256, gitSha1 }: PlannedFile,
): ExpectedFile {
  const { source } = plan;
  const url = 'url' in from ? new URL(from.url, location.href) : null;
  return {
    path,
    host: url?.host ?? (source.kind === 'files' ? source.label : plan.name),
    page: source.kind === 'hub' ? `${source.host}/${source.repository}` : null,
    sizeBytes,
    sha256,
    gitSha1,
    takesConditions: url?.origin === location.origin,
  };
}

/** @throws FailureError `plan-invalid` when the manifest does not hold for these files */
export function makeVersion(plan: InstallPlan, files: StoredFile[]): StoredVersion {
  const { id, revision, kind, name, source } = plan;
  const base = { id, revision, kind, name, source, files, installedAt: Date.now(), damaged: [] };
  if (plan.manifest === null) return { ...base, manifest: null };
  const entries = files.map(({ path, sizeBytes, sha256 }) => [path, { sizeBytes, sha256 }] as const);
  const parsed = parseManifest({ ...plan.manifest, files: Object.fromEntries(entries) });
  if (!parsed.ok) throw new FailureError({ code: 'plan-invalid', reason: parsed.reason });
  return { ...base, manifest: parsed.manifest };
}

/** A file that an installed version has already is not fetched again. */
export async function adoptSharedFiles(store: LibraryStore, plan: InstallPlan): Promise<void> {
  const versions = await store.versions();
  const known = new Map(
    versions.flatMap(({ files, damaged }) =>
      files
        .filter(({ chunks }) => chunks.every(({ sha256 }) => !damaged.includes(sha256)))
        .map((file) => [file.sha256, file] as const),
    ),
  );
  if (known.size === 0) return;
  const begun = new Set((await store.partials(plan)).map(({ path }) => path));
  for (const { path, sha256, sizeBytes } of plan.files) {
    const file = sha256 === null ? undefined : known.get(sha256);
    if (file === undefined || file.sizeBytes !== sizeBytes || begun.has(path)) continue;
    await store.keepPartial({ ...emptyPartial(plan, path), chunks: file.chunks, sha256 });
  }
}
