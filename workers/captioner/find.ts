/** Which captioner a job means, as its manifest. */
import { FailureError } from '#core/failure.ts';
import { type CaptionerManifest, parseCaptioner } from '#core/models/captioner.ts';
import {
  fetchCaptioner,
  listInstalledCaptioners,
  listServedCaptioners,
  transformersKind,
} from '#storage/captioners.ts';
import { readFile } from '#storage/library/read.ts';
import type { StoredVersion } from '#storage/library/records.ts';
import { sharedLibrary } from '#storage/models.ts';

/** One of our own layout by its manifest, one that Transformers.js runs by its files. */
export type Found =
  | { kind: 'own'; manifest: CaptionerManifest }
  | { kind: 'transformers'; version: StoredVersion };

/**
 * @param id an installed captioner's, or of one beside the studio; null takes the first of those, then the first installed
 * @throws FailureError `captioner-missing`, `model-unknown`, `manifest-invalid`, `model-damaged`, `network`
 */
export async function findCaptioner(id: string | null, signal: AbortSignal): Promise<Found> {
  const installed = await listInstalledCaptioners();
  if (id !== null) {
    const version = installed.find((candidate) => candidate.id === id);
    return version === undefined
      ? { kind: 'own', manifest: await fetchCaptioner(id, signal) }
      : openInstalled(version);
  }
  const [served] = await listServedCaptioners(signal);
  if (served !== undefined) return { kind: 'own', manifest: await fetchCaptioner(served, signal) };
  const usable = installed.find(
    (version) =>
      version.files.some(({ path }) => path === 'manifest.json') || transformersKind(version) !== null,
  );
  if (usable === undefined) throw new FailureError({ code: 'captioner-missing' });
  return openInstalled(usable);
}

async function openInstalled(version: StoredVersion): Promise<Found> {
  if (transformersKind(version) !== null) return { kind: 'transformers', version };
  return { kind: 'own', manifest: await readInstalled(version) };
}

/** The manifest lies among the version's own files; its parts are found by their hashes. */
async function readInstalled(version: StoredVersion): Promise<CaptionerManifest> {
  const { id, revision, name, files } = version;
  const file = files.find(({ path }) => path === 'manifest.json');
  const store = sharedLibrary();
  if (file === undefined || store === null)
    throw new FailureError({ code: 'manifest-invalid', id, reason: 'it has no manifest of a captioner' });
  const read = await readFile(store, file, () => {});
  if (!read.ok) {
    await store.markDamaged(read.damaged);
    throw new FailureError({ code: 'model-damaged', id, revision, name, files: [file.path] });
  }
  const parsed = parseCaptioner(JSON.parse(await read.blob.text()));
  if (!parsed.ok) throw new FailureError({ code: 'manifest-invalid', id, reason: parsed.reason });
  return parsed.manifest;
}
